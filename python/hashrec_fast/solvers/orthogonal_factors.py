# SPDX-License-Identifier: Apache-2.0
"""Orthogonal factors of the whole rating matrix (CH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.ranges import Count, Main, NonNegative
from hashrec_fast.roles import TraceTerm
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.observed import Matrix


@dataclass(frozen=True, kw_only=True)
class OrthogonalFactors:
    """Maximum of ``tr(P'RQ)`` over ``P'P = n_users I``, ``Q'Q = n_items I``, by polar factors.

    ``P = sqrt(n_users) polar(R Q)`` and ``Q = sqrt(n_items) polar(R'P)`` in turn, R scaled to
    [0, 1] and 0 where nothing was observed. At the end P and Q are a rotation of the leading
    singular vectors of R, all of the same weight.

    Attributes
    ----------
    rounds : int
        Most rounds; it ends when the trace grows by less than 1.
    noise : float
        Size of singular values, in units of pure noise, below which directions are left out; 0
        keeps all, as published. Deviation: of equal weight weak directions only repeat what was
        seen, so those below ``noise`` times the value of pure noise of the same size,
        ``sqrt(mean R^2) (sqrt(n_users) + sqrt(n_items))``, are dropped in the end and the others
        rotated into all columns.
    """

    real: ClassVar[bool] = True
    rounds: Count = 20
    noise: Main[NonNegative] = 1.0

    def read(self, terms: Terms) -> TraceTerm:
        """The agreement to maximise."""
        return terms.one(TraceTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit factors to the ratings, unobserved pairs taken as 0."""
        refuse_teacher(self, teacher)
        scale = self.read(terms).trace_scale(user_items)
        ratings = _unit_ratings(user_items, scale)
        turned = ratings.T.tocsr()
        n_users, n_items = user_items.shape
        roots = np.sqrt(n_users), np.sqrt(n_items)
        items = polar(context.rng.standard_normal((n_items, context.n_bits)))[0] * roots[1]
        history: list[dict[str, Any]] = []
        last = -np.inf
        for r in range(self.rounds):
            users = polar(ratings @ items)[0] * roots[0]
            factor, _, trace = polar(turned @ users)
            items = factor * roots[1]
            history.append({"round": r, "agreement": float(roots[1] * trace)})
            context.report(history[-1])
            if roots[1] * trace - last < 1:
                break
            last = roots[1] * trace
        edge = self.noise * np.sqrt((ratings.data**2).mean() * ratings.nnz / n_users / n_items)
        edge *= roots[0] + roots[1]
        users, user_map, _ = polar(ratings @ items, edge * roots[1])
        users *= roots[0]
        items, item_map, _ = polar(turned @ users, edge * roots[0])
        arrays = {"user_map": user_map * roots[0], "item_map": item_map * roots[1]}
        users, items = users.astype(np.float32), (items * roots[1]).astype(np.float32)
        return Solution(users, items, arrays, scale.facts(), history)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.float32]:
        """The linear map that training ended with, applied to new rows."""
        del terms, context
        ratings = _unit_ratings(rows, RatingScale.from_facts(fitted.facts))
        other = fitted.item if side == "user" else fitted.user
        sums = ratings @ other.astype(np.float64)
        mapped = sums[:, None, :] @ fitted.arrays[f"{side}_map"]  # row by row
        return np.asarray(mapped[:, 0, :], dtype=np.float32)


def polar(a: Matrix, edge: float = 0.0) -> tuple[Matrix, Matrix, float]:
    """Nearest matrix of orthonormal columns, the map from ``a`` to it, and the trace norm.

    Directions whose singular value is not above ``edge`` are left out, but never all of them;
    those of value zero are completed in the factor and left out of the map.

    Returns
    -------
    factor : float64, as ``a``
        ``U V'`` of the thin singular value decomposition.
    inverse_root : float64 (d, d)
        ``V S^-1 V'``; ``factor = a @ inverse_root`` where no value is zero.
    trace : float
    """
    left, values, right = np.linalg.svd(a, full_matrices=False)
    kept = values > edge if edge > 0 else values >= 0
    kept[0] = True
    safe = kept & (values > 1e-10 * max(float(values[0]), 1e-300))
    root = (right[safe].T / values[safe]) @ right[safe]
    return left[:, kept] @ right[kept], root, float(values.sum())


def _unit_ratings(rows: sp.csr_matrix, scale: RatingScale) -> sp.csr_matrix:
    """Ratings in [0, 1] as doubles."""
    values = (scale.targets(rows, 1) + 1) / 2
    return sp.csr_matrix((values, rows.indices, rows.indptr), rows.shape)
