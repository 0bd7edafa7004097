# SPDX-License-Identifier: Apache-2.0
"""Codes behind a rotated factorisation with views of features (MFDCF, MDCF) as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from hashrec_fast.contracts import FitContext, Solution, States, Terms, refuse_teacher
from hashrec_fast.kernels.packing import pack
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.ranges import Count, Main, NonNegative, PositiveShare, Weight, ZeroOrMore
from hashrec_fast.roles import RotationTerm, ViewTerm
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.linear_terms.fixed import FixedLinearTerm
from hashrec_fast.solvers.multi_view import encode_views
from hashrec_fast.solvers.rotated_side import RotatedSide
from hashrec_fast.solvers.state import SignState, padded_width

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MultiViewALM:
    """Augmented Lagrangian rounds with falling step lengths, then, if wanted, bit flips.

    Attributes
    ----------
    rounds : int
        Rounds of the augmented Lagrangian.
    rate : float
        Share of the way to its optimum that every variable moves in the first round.
    decay : float
        Factor of ``rate`` from round to round.
    penalty : float
        Weight of the split rotation.
    refine_rounds : int
        Rounds of discrete coordinate descent on all pairs after that; 0 leaves them out. The codes
        are pulled to the rotated vectors, and the maps of the views are fitted once more to the
        codes it ends with; not part of the papers.
    refine_pull : float
        Weight of the pull to the rotated vectors in the refinement.
    rest_weight : float
        Weight of the unobserved pairs in the refinement and for new rows.
    """

    rounds: Main[Count] = 50
    rate: Main[PositiveShare] = 0.8
    decay: PositiveShare = 0.9
    penalty: NonNegative = 1e-6
    refine_rounds: ZeroOrMore = 10
    refine_pull: Weight = 1.0
    rest_weight: Main[Weight] = 0.03

    def read(self, terms: Terms) -> tuple[RotationTerm, ViewTerm | None]:
        """The factorisation and the views behind it, if any."""
        return terms.one(RotationTerm, type(self).__name__), terms.maybe(ViewTerm)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the interactions of ``user_items`` and the features of the context."""
        refuse_teacher(self, teacher)
        sides = self._start(user_items, terms, context)
        history = self._descend(user_items, sides, context)
        states = {side: SignState.from_signs(part.real) for side, part in sides.items()}
        history += self._refine(user_items, sides, states, context)
        arrays = {f"{side}_rotation": part.r for side, part in sides.items()}
        for side, part in sides.items():
            arrays |= part.views.export(side) if part.views is not None else {}
        facts = RatingScale.of(user_items).facts()
        return Solution(states["user"].codes(), states["item"].codes(), arrays, facts, history)

    def _start(
        self, user_items: sp.csr_matrix, terms: Terms, context: FitContext
    ) -> dict[str, RotatedSide]:
        """Singular vectors under one random rotation, so that no bit is the popularity bit."""
        factors, multi_view = self.read(terms)
        vectors = singular_vectors(unit_ratings(user_items), context.n_bits, context.rng)
        square = context.rng.standard_normal((context.n_bits, context.n_bits))
        rotation = np.linalg.qr(square)[0]
        sides = {}
        for side, h in zip(("user", "item"), vectors, strict=True):
            views = None
            features = context.side_info.features(side)
            if multi_view is not None and side in multi_view.sides and features:
                views = multi_view.views(features, context.n_bits)
                views.solve(h, 1.0)
            tie = factors.rotation_tie(side)
            sides[side] = RotatedSide(
                h, rotation.copy(), tie=tie, penalty=self.penalty, views=views
            )
        return sides

    def _descend(
        self, user_items: sp.csr_matrix, sides: dict[str, RotatedSide], context: FitContext
    ) -> list[dict[str, Any]]:
        matrix = unit_ratings(user_items)
        transposed = matrix.T.tocsr()
        total = float((matrix.data**2).sum())
        history: list[dict[str, Any]] = []
        for r in range(self.rounds):
            before = {side: part.codes for side, part in sides.items()}
            rate = self.rate * self.decay**r
            sides["user"].update(matrix, sides["item"].real, rate)
            sides["item"].update(transposed, sides["user"].real, rate)
            p, q = sides["user"].real, sides["item"].real
            data = total - 2 * float(((matrix @ q) * p).sum())
            data += float(((p.T @ p) * (q.T @ q)).sum())
            changed = sum(int((part.codes != before[s]).sum()) for s, part in sides.items())
            value = data + sum(part.value() for part in sides.values())
            row = {
                "round": float(r),
                "bits_changed": float(changed),
                "objective": value / max(1, matrix.nnz),
            }
            history.append(row)
            context.report(row)
        return history

    def _refine(
        self,
        user_items: sp.csr_matrix,
        sides: dict[str, RotatedSide],
        states: States,
        context: FitContext,
    ) -> list[dict[str, Any]]:
        """Whole-data coordinate descent from the codes so far, in place."""
        if self.refine_rounds == 0:
            return []
        data_term = self._all_pairs(user_items, RatingScale.of(user_items), context.n_bits)
        linear_terms = [
            FixedLinearTerm(side, self.refine_pull * context.n_bits * part.real / _rms(part.real))
            for side, part in sides.items()
        ]
        rows = alternate(
            data_term,
            linear_terms,
            states,
            rounds=self.refine_rounds,
            sweeps=5,
            num_threads=context.num_threads,
            on_round=lambda row: context.report({"stage": "refine", **row}),
        )
        for side, part in sides.items():
            if part.views is not None:
                part.views.solve(states[side].real()[:, : context.n_bits] @ part.r, 1.0)
        return [{"stage": "refine", **row} for row in rows]

    def _all_pairs(self, rows: sp.csr_matrix, scale: RatingScale, n_bits: int) -> WeightedPairs:
        """All pairs: stored ones towards their targets, the others weakly towards ``-n_bits``."""
        targets = scale.targets(rows, n_bits)
        return WeightedPairs(rows, targets, n_bits, rest_weight=self.rest_weight, rest_target=-1.0)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows by least squares on all pairs, the other side's codes fixed."""
        del terms
        n_bits = context.n_bits
        data_term = self._all_pairs(rows, RatingScale.from_facts(fitted.facts), n_bits)
        own = SignState(np.zeros((rows.shape[0], padded_width(n_bits)), dtype=np.int16), n_bits)
        own.values[:, :n_bits] = 256  # a fixed start makes the code a function of its row alone
        other = fitted.item if side == "user" else fitted.user
        states = {"user": own, "item": SignState.from_codes(other, n_bits)}
        data_term.half("user", states, NO_LINEAR, sweeps=20, num_threads=context.num_threads)
        return own.codes()

    def feature_sides(self, terms: Terms) -> frozenset[str]:
        """Sides whose new rows can be encoded from features alone."""
        multi_view = terms.maybe(ViewTerm)
        return multi_view.sides if multi_view is not None else frozenset()

    def encode(
        self, features: tuple[sp.csr_matrix, ...], side: str, fitted: Solution, terms: Terms
    ) -> NDArray[np.uint64]:
        """Codes of rows without interactions from their views, uint64 (n, n_words)."""
        del terms
        maps = [fitted.arrays[f"{side}_map_{i}"] for i in range(len(features))]
        return pack(encode_views(features, maps, fitted.arrays[f"{side}_rotation"]) >= 0)


def unit_ratings(user_items: sp.csr_matrix) -> sp.csr_matrix:
    """Interactions as 1, ratings linearly to (0, 1]."""
    matrix = sp.csr_matrix(user_items, dtype=np.float64, copy=True)
    scale = RatingScale.of(user_items)
    if scale.high > scale.low:
        # An unobserved pair is 0, so the lowest rating must be more than that.
        matrix.data = (matrix.data - scale.low + 1) / (scale.high - scale.low + 1)
    return matrix


def singular_vectors(
    matrix: sp.csr_matrix, n_factors: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Factors ``U S^(1/2)`` and ``V S^(1/2)``; small noise where there are too few dimensions."""
    rank = min(n_factors, *matrix.shape)
    found = [0.01 * rng.standard_normal((n, n_factors)) for n in matrix.shape]
    if 3 * rank > min(matrix.shape):  # most of them: the dense matrix is no larger than the result
        left, values, right = np.linalg.svd(matrix.toarray(), full_matrices=False)
    else:
        start = rng.standard_normal(min(matrix.shape))  # or it would be drawn from a global state
        left, values, right = svds(matrix, k=rank, v0=start)
    order = np.argsort(-values, kind="stable")[:rank]
    root = np.sqrt(np.maximum(values[order], 0))
    found[0][:, :rank], found[1][:, :rank] = left[:, order] * root, right[order].T * root
    return found[0], found[1]


def _rms(matrix: Floats) -> float:
    return float(np.sqrt((matrix**2).mean())) or 1.0
