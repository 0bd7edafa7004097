# SPDX-License-Identifier: Apache-2.0
"""Plain matrix factorisation of ratings as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.kernels.factors import RidgePass, ridge_pass
from hashrec_fast.ranges import Count, Main
from hashrec_fast.roles import RatingTerm, RidgeTerm
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.factors import csr_parts, padded_factors, random_rows
from hashrec_fast.solvers.observed import observed_scores, ridge_scale

LEAST_REG = 1e-3  # gives rows with fewer ratings than factors one solution


@dataclass(frozen=True, kw_only=True)
class RatingALS:
    """Alternating least squares of ``sum_O (r - p'q)^2``, ratings as given, and ``L2``.

    ``L2`` adds ``weight`` times the sum of squares of all factors.

    Rows are solved by conjugate gradients on the compiled core, the same for any number of
    threads.

    Attributes
    ----------
    per_rating : bool
        Whether a row's penalty is multiplied with its number of ratings, that is, stands inside
        the sum over pairs.
    rounds : int
        Rounds.
    cg_steps : int
        Conjugate-gradient steps of a row and round, which starts from its last solution.
    """

    real: ClassVar[bool] = True
    per_rating: bool = True
    rounds: Main[Count] = 20
    cg_steps: Count = 10

    def read(self, terms: Terms) -> RatingTerm:
        """The squared error; the ridge is noted as read."""
        terms.maybe(RidgeTerm)
        return terms.one(RatingTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit factors to the stored ratings."""
        refuse_teacher(self, teacher)
        scale = self.read(terms).rating_scale(user_items)
        ratings = user_items.data.astype(np.float64)
        sides = both_orders(user_items, None, ratings)
        n_factors = context.n_bits
        factors = [random_rows(n_rows, n_factors, context.rng) for n_rows in user_items.shape]
        ridges = [self._ridge(matrix, terms) for matrix in (user_items, user_items.T.tocsr())]
        history: list[dict[str, Any]] = []
        for r in range(self.rounds):
            for own, entries in enumerate(sides):
                step = RidgePass(
                    entries=entries.lists,
                    with_gram=False,
                    quad=1.0,
                    lin=entries.linear.astype(np.float32),
                    row_reg=ridges[own],
                    steps=min(n_factors, self.cg_steps),
                    num_threads=context.num_threads,
                )
                ridge_pass(factors[own], factors[1 - own], step)
                factors[own][np.diff(entries.indptr) == 0] = 0
            error = ratings - observed_scores(user_items, *factors)
            value = float(error @ error)
            for x, ridge in zip(factors, ridges, strict=True):
                value += float(ridge @ (x.astype(np.float64) ** 2).sum(axis=1))
            history.append({"round": r, "objective": value})
            context.report(history[-1])
        users, items = (np.ascontiguousarray(x[:, :n_factors]) for x in factors)
        return Solution(users, items, facts=scale.facts(), history=history)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.float32]:
        """Ridge solution of new rows, float32 (n_rows, n_factors)."""
        other = fitted.item if side == "user" else fitted.user
        n_factors = other.shape[1]
        y = np.zeros((len(other), padded_factors(n_factors)), dtype=np.float32)
        y[:, :n_factors] = other
        x = np.zeros((rows.shape[0], y.shape[1]), dtype=np.float32)
        step = RidgePass(
            entries=csr_parts(rows),
            with_gram=False,
            quad=1.0,
            lin=rows.data.astype(np.float32),
            row_reg=self._ridge(rows, terms),
            steps=min(2 * n_factors, 100),
            num_threads=context.num_threads,
        )
        ridge_pass(x, y, step)
        return np.ascontiguousarray(x[:, :n_factors])

    def _ridge(self, pattern: sp.csr_matrix, terms: Terms) -> NDArray[np.float32]:
        term = terms.maybe(RidgeTerm)
        weight = 0.0 if term is None else term.ridge_weight()
        ridge = weight * ridge_scale(pattern, self.per_rating)
        return np.maximum(ridge, LEAST_REG).astype(np.float32)
