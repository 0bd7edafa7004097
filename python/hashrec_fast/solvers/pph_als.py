# SPDX-License-Identifier: Apache-2.0
"""Matrix factorisation whose rows are drawn to one norm (PPH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.ranges import Count, Main
from hashrec_fast.roles import NormTerm, RatingTerm
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.observed import Matrix, by_side, normal_equations, observed_scores

STEPS = 0.5 ** np.arange(8)  # lengths tried along a Newton direction


@dataclass(frozen=True, kw_only=True)
class PPHALS:
    """Least squares of ratings around half of the scale, with norms near that half.

    Minimises ``sum_O (r - c - p'q)^2 + weight (sum_u (||p||^2 - c)^2 + sum_i (||q||^2 - c)^2)``
    with ``c`` half of the largest rating, so that ``p'q`` covers the scale when angles do. The
    weight is that of the term ``NormTarget``, whose own target is not looked at. Each row is a
    smooth problem for Newton's method.

    Deviation: where ratings can be negative they are counted from the lowest.

    Attributes
    ----------
    rounds : int
        Rounds.
    newton_steps : int
        Newton steps of a row in a round.
    """

    real: ClassVar[bool] = True
    rounds: Main[Count] = 10
    newton_steps: Count = 2

    def read(self, terms: Terms) -> RatingTerm:
        """The squared error; the weight of the norms is noted as read."""
        terms.maybe(NormTerm)
        return terms.one(RatingTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit factors to the stored ratings."""
        refuse_teacher(self, teacher)
        scale = self.read(terms).rating_scale(user_items)
        base, c = _centre(scale)
        targets = user_items.data.astype(np.float64) - base - c
        sides = by_side(user_items, targets)
        weight, f = _weight(terms), context.n_bits
        spread = float(np.sqrt(c / f))
        factors = [spread * context.rng.standard_normal((n, f)) for n in user_items.shape]
        history: list[dict[str, Any]] = []
        for r in range(self.rounds):
            for own, (pattern, wanted) in enumerate(sides):
                x = factors[own]
                for block in normal_equations(pattern, wanted, factors[1 - own]):
                    x[block.rows] = newton_rows(
                        x[block.rows], block.gram, block.linear, c, weight, self.newton_steps
                    )
            error = targets - observed_scores(user_items, *factors)
            norms = sum(float((((x**2).sum(axis=1) - c) ** 2).sum()) for x in factors)
            history.append({"round": r, "objective": float(error @ error) + weight * norms})
            context.report(history[-1])
        users, items = (x.astype(np.float32) for x in factors)
        return Solution(users, items, facts=scale.facts(), history=history)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.float32]:
        """Newton's method for new rows from their ridge solution, float32 (n_rows, d)."""
        del context
        other = (fitted.item if side == "user" else fitted.user).astype(np.float64)
        base, c = _centre(RatingScale.from_facts(fitted.facts))
        targets = rows.data.astype(np.float64) - base - c
        own, weight = np.zeros((rows.shape[0], other.shape[1])), _weight(terms)
        ridge = max(weight, 1e-6) * np.eye(other.shape[1])
        for block in normal_equations(rows, targets, other):
            start = np.zeros((len(block.rows), other.shape[1]))
            start += np.linalg.solve(block.gram + ridge, block.linear[..., None])[..., 0]
            steps = self.rounds * self.newton_steps
            own[block.rows] = newton_rows(start, block.gram, block.linear, c, weight, steps)
        return own.astype(np.float32)


def newton_rows(
    x: Matrix, gram: Matrix, linear: Matrix, c: float, weight: float, steps: int
) -> Matrix:
    """Lower ``x'G x - 2 b'x + weight (||x||^2 - c)^2`` of each row; no row's value ever rises.

    The second derivative loses what can make it indefinite, and the best of eight step lengths
    is taken where it gains anything.

    Parameters
    ----------
    x, linear : float64 (n, d)
    gram : float64 (n, d, d)
    """
    eye = np.eye(x.shape[1])
    for _ in range(steps):
        excess = (x**2).sum(axis=1) - c
        bent = (gram @ x[..., None])[..., 0]
        gradient = bent - linear + 2 * weight * excess[:, None] * x
        inner = 4 * weight * x[:, :, None] * x[:, None, :]
        damping = 2 * weight * np.maximum(excess, 0) + 1e-6
        curvature = gram + inner + damping[:, None, None] * eye
        direction = np.linalg.solve(curvature, -gradient[..., None])[..., 0]
        best, step = np.zeros(len(x)), np.zeros(len(x))
        bend = (direction * (gram @ direction[..., None])[..., 0]).sum(axis=1)
        slope = 2 * (direction * (bent - linear)).sum(axis=1)
        for t in STEPS:  # change of the value along the line
            moved = ((x + t * direction) ** 2).sum(axis=1) - c
            change = t * slope + t**2 * bend + weight * (moved**2 - excess**2)
            step = np.where(change < best, t, step)
            best = np.minimum(change, best)
        x = x + step[:, None] * direction
    return x


def _centre(scale: RatingScale) -> tuple[float, float]:
    """Where ratings are counted from, and half of the largest."""
    base = min(0.0, scale.low)
    return base, max((scale.high - base) / 2, 1e-3)


def _weight(terms: Terms) -> float:
    term = terms.maybe(NormTerm)
    return 0.0 if term is None else float(term.norm_pull())
