# SPDX-License-Identifier: Apache-2.0
"""Matrix factorisation inside the box of the codes (BCCF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.ranges import Count, Main, NonNegative
from hashrec_fast.roles import ColumnBalanceTerm, RatingTerm, RidgeTerm
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.observed import (
    Matrix,
    by_side,
    normal_equations,
    observed_scores,
    ridge_scale,
)

LEAST_CURVATURE = 1e-9  # of coordinates that no rating and no penalty touches


@dataclass(frozen=True, kw_only=True)
class BoxALS:
    """Least squares over ``[-1, 1]^f`` with balanced columns.

    Minimises ``sum_O (t - 1/2 - p'q / (2 f))^2``, ratings scaled to t in [0, 1]. ``Balance`` adds
    ``weight (||sum_u p_u||^2 + ||sum_i q_i||^2)``, ``L2`` adds ``weight / f`` times the squares of
    all factors, so that one weight suits every code length. Sides take turns; inside a side
    blocks of rows are descended on one column at a time. A column's least value, balance included,
    is found exactly, and the sum of all rows follows on the fly.

    Deviation: the authors' code goes through the rows one by one.

    Attributes
    ----------
    rounds : int
        Most rounds; it ends when one gains less than ``tolerance`` of the objective.
    sweeps : int
        Sweeps over the columns of a block.
    tolerance : float
        Gain by which a round must lower the objective, as a share of it, for another to follow.
    per_rating : bool
        Whether a row's ``L2`` is multiplied with its number of ratings, that is, stands inside
        the sum over pairs.
    """

    real: ClassVar[bool] = True
    rounds: Main[Count] = 10
    sweeps: Count = 5
    tolerance: NonNegative = 1e-4
    per_rating: bool = False

    def read(self, terms: Terms) -> RatingTerm:
        """The squared error; balance and ridge are noted as read."""
        _weights(terms, 1)
        return terms.one(RatingTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit factors to the stored ratings."""
        refuse_teacher(self, teacher)
        f = context.n_bits
        scale = self.read(terms).rating_scale(user_items)
        sides = by_side(user_items, scale.targets(user_items, f) / (2 * f))
        balance, l2 = _weights(terms, f)
        factors = [
            np.clip(0.1 * context.rng.standard_normal((n, f)), -1, 1) for n in user_items.shape
        ]
        history: list[dict[str, Any]] = []
        last = np.inf
        for r in range(self.rounds):
            for own, (pattern, targets) in enumerate(sides):
                self._half(factors[own], factors[1 - own], pattern, targets, balance, l2)
            error = sides[0][1] - observed_scores(user_items, *factors) / (2 * f)
            value = float(error @ error)
            for x, (pattern, _) in zip(factors, sides, strict=True):
                ridge = l2 * ridge_scale(pattern, self.per_rating)
                value += balance * float((x.sum(axis=0) ** 2).sum())
                value += float(ridge @ (x**2).sum(axis=1))
            history.append({"round": r, "objective": value})
            context.report(history[-1])
            if last - value < self.tolerance * value:
                break
            last = value
        users, items = (x.astype(np.float32) for x in factors)
        return Solution(users, items, facts=scale.facts(), history=history)

    def _half(
        self,
        own: Matrix,
        other: Matrix,
        pattern: sp.csr_matrix,
        targets: NDArray[np.float64],
        balance: float,
        l2: float,
    ) -> None:
        f = own.shape[1]
        total = own.sum(axis=0)
        ridge = l2 * ridge_scale(pattern, self.per_rating)
        for block in normal_equations(pattern, targets, other / (2 * f)):
            x = own[block.rows]
            rest = total - x.sum(axis=0)
            system = (x, block.gram, block.linear, ridge[block.rows])
            descend_in_box(*system, rest, balance, self.sweeps)
            own[block.rows] = x
            total = rest + x.sum(axis=0)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.float32]:
        """Box least squares of new rows, each as if it joined balanced columns alone."""
        del context
        other = (fitted.item if side == "user" else fitted.user).astype(np.float64)
        f = other.shape[1]
        targets = RatingScale.from_facts(fitted.facts).targets(rows, f) / (2 * f)
        own = np.zeros((rows.shape[0], f))
        balance, l2 = _weights(terms, f)
        ridge = balance + l2 * ridge_scale(rows, self.per_rating)
        for block in normal_equations(rows, targets, other / (2 * f)):
            x = own[block.rows]
            system = (x, block.gram, block.linear, ridge[block.rows])
            descend_in_box(*system, np.zeros(f), 0.0, 10 * self.sweeps)
            own[block.rows] = x
        return own.astype(np.float32)


def descend_in_box(
    x: Matrix,
    gram: Matrix,
    linear: Matrix,
    ridge: NDArray[np.float64],
    rest: NDArray[np.float64],
    balance: float,
    sweeps: int,
) -> None:
    """Lower ``sum_u (x_u'G_u x_u - 2 b_u'x_u + c_u |x_u|^2) + balance |rest + sum_u x_u|^2``.

    ``x`` (n, f) in the box is changed in place, column by column; the value never rises. ``gram``
    is (n, f, f), ``linear`` (n, f), ``ridge`` holds the ``c_u``.
    """
    for _ in range(sweeps):
        before = x.copy()
        for k in range(x.shape[1]):
            a = gram[:, k, k] + ridge
            g = linear[:, k] - (gram[:, k, :] * x).sum(axis=1) + gram[:, k, k] * x[:, k]
            a = np.maximum(a, LEAST_CURVATURE)
            x[:, k] = best_column(a, g, float(rest[k]), balance)
        if np.abs(x - before).max(initial=0) < 1e-12:
            break


def best_column(
    a: NDArray[np.float64], g: NDArray[np.float64], rest: float, balance: float
) -> NDArray[np.float64]:
    """The z in ``[-1, 1]^n`` with the least ``sum a z^2 - 2 g z + balance (rest + sum z)^2``.

    Given the sum S of all rows, ``z = clip((g - balance S) / a)``, whose sum falls with S; so S is
    the one root of a falling function, found by Newton steps kept inside a bracket.
    """
    if balance == 0:
        return np.clip(g / a, -1, 1)
    low, high = rest - len(a), rest + len(a)
    s = rest
    for _ in range(100):
        free = (g - balance * s) / a
        z = np.clip(free, -1, 1)
        gap = rest + float(z.sum()) - s
        if abs(gap) <= 1e-10 * (1 + abs(s)):
            break
        low, high = (s, high) if gap > 0 else (low, s)
        slope = -1 - balance * float((1 / a[np.abs(free) < 1]).sum())
        s -= gap / slope
        if not low < s < high:
            s = (low + high) / 2
    return z


def _weights(terms: Terms, f: int) -> tuple[float, float]:
    """Weights of column sums and of squares, zero without such terms."""
    balance, ridge = terms.maybe(ColumnBalanceTerm), terms.maybe(RidgeTerm)
    return (
        0.0 if balance is None else balance.column_balance(),
        0.0 if ridge is None else ridge.ridge_weight() / f,
    )
