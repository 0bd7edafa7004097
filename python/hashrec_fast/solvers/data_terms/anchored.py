# SPDX-License-Identifier: Apache-2.0
"""Ratings, codes anchored to real factors, and an exact penalty on unbalanced bits (SDMF).

Objective on the raw scale: ``sum_O (t - b'd)^2 - 2 tr(A'B) - 2 tr(C'D) + w (|B1|^2 + |D1|^2)`` with
fixed ``A`` and ``C``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States, Terms
from hashrec_fast.kernels.row_terms import EntryLists, RowLinear
from hashrec_fast.kernels.rows import RowPass, row_pass
from hashrec_fast.roles import AnchorTerm, BitBalanceTerm, RatingTerm
from hashrec_fast.solvers.data_terms.clusters import cluster_centres
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.real_factors import real_factors
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.state import SignState

BLOCK = 16  # rows that are updated between two refreshes of the bit sums


class AnchoredDataTerm(ObservedSquares):
    """Data term of ratings with fixed anchors per row and a penalty on the sums of the bits.

    The penalty couples the rows. They are updated in blocks; within a block of ``n`` rows, whose
    old codes are ``o``, it is bounded by ``|S|^2 + sum 2 S'(b - o) + n |b - o|^2`` with the sums
    ``S`` at the start of the block, which is linear in the codes: ``a_u = -w (S - n o_u)``. The
    objective therefore never rises, and nothing depends on the number of threads.

    Parameters
    ----------
    user_items, scale, n_bits : as in :class:`ObservedSquares`
    anchors : dict
        Per side a float64 (n, n_bits) matrix, weights included; empty without anchors.
    start_from : dict
        Per side real values whose signs are the codes to start from.
    balance : float
        Weight ``w`` on the raw scale.
    """

    def __init__(
        self,
        user_items: sp.csr_matrix,
        scale: RatingScale,
        n_bits: int,
        anchors: dict[str, NDArray[np.float64]],
        start_from: dict[str, NDArray[np.float64]],
        balance: float,
    ) -> None:
        super().__init__(user_items, scale.targets(user_items, n_bits), n_bits, scale.facts())
        self._anchors, self._start, self._balance = anchors, start_from, balance

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``, in blocks where bits are to be balanced."""
        if side in self._anchors:
            rows = np.zeros(states[side].values.shape)
            rows[:, : self.n_bits] = self._anchors[side]
            linear = RowLinear(rows) + linear
        if self._balance == 0:
            return super().half(side, states, linear, sweeps=sweeps, num_threads=num_threads)
        return self._in_blocks(side, states, linear, sweeps)

    def _in_blocks(self, side: str, states: States, linear: RowLinear, sweeps: int) -> int:
        entries = self.problem.by_user if side == "user" else self.problem.by_item
        own, other = states[side].values, states["item" if side == "user" else "user"]
        codes, sums, changed = other.codes(), states[side].total(), 0
        for first in range(0, len(own), BLOCK):
            block = own[first : first + BLOCK]
            before = block.astype(np.float64) / 256
            rows = -self._balance * (sums - len(block) * before)
            rows[:, self.n_bits :] = 0
            if linear.rows is not None:
                rows += linear.rows[first : first + BLOCK]
            begin = entries.indptr[first : first + len(block) + 1]
            part = slice(begin[0], begin[-1])
            step = RowPass(
                entries=EntryLists(
                    begin - begin[0], entries.indices[part], None, entries.linear[part]
                ),
                linear=RowLinear(rows, linear.delegate),
                block_bits=self.block_bits,
                sweeps=sweeps,
                num_threads=1,
            )
            changed += row_pass(block, self.n_bits, other.values, step, other_codes=codes)
            sums = sums + (block / 256.0 - before).sum(axis=0)
        return changed

    def loss(self, states: States) -> float:
        """Squared errors, anchors and balance, constants dropped."""
        total = super().loss(states)
        for side, state in states.items():
            if side in self._anchors:
                signs = state.real()[:, : self.n_bits]
                total -= 2 * float((self._anchors[side] * signs).sum())
            total += self._balance * float((state.total() ** 2).sum())
        return total

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real factors; without anchors as for any squares of ratings."""
        if not self._start:
            return super().start(weights, context, rounds=rounds)
        return {side: SignState.from_signs(values) for side, values in self._start.items()}


class Partners(NamedTuple):
    """Terms that a data term with anchors reads."""

    ratings: RatingTerm
    anchors: AnchorTerm | None
    balance: BitBalanceTerm | None


def read_partners(terms: Terms, reader: object) -> Partners:
    """Partners among the terms; ``ValueError`` without a squared error of ratings."""
    ratings = terms.partner(RatingTerm, reader)
    return Partners(ratings, terms.maybe(AnchorTerm), terms.maybe(BitBalanceTerm))


def anchored_data_term(
    user_items: sp.csr_matrix, partners: Partners, context: FitContext
) -> AnchoredDataTerm:
    """Data term of anchors and an exact balance, either of them or both."""
    n_bits, scale = context.n_bits, partners.ratings.rating_scale(user_items)
    raw = 4.0 * n_bits**2
    anchors: dict[str, NDArray[np.float64]] = {}
    start: dict[str, NDArray[np.float64]] = {}
    term = partners.anchors
    if term is not None:
        factors = real_factors(
            user_items, scale, n_bits, context, reg=term.mf_reg, rounds=term.mf_rounds
        )
        for side, values in zip(("user", "item"), factors, strict=True):
            n_clusters, cluster, real = term.anchors_of(side)
            centres = cluster_centres(values, n_clusters, context.rng)
            anchors[side] = raw * (cluster * centres + real * values)
            start[side] = values
    balance = raw * partners.balance.bit_balance() if partners.balance is not None else 0.0
    return AnchoredDataTerm(user_items, scale, n_bits, anchors, start, balance)
