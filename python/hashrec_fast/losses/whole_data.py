# SPDX-License-Identifier: Apache-2.0
"""Terms over all user-item pairs; nothing is sampled. Targets are in units of ``n_bits``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Between, Count, Main, Weight


@dataclass(frozen=True, kw_only=True)
class WholeDataSquare(Loss):
    """Squares ``sum_O (target f - s)^2 + w_0 sum_rest c_u (rest_target f - s)^2``.

    ``w_0 = rest_weight * sqrt(density)`` and ``c_u = |O_u| ** user_power / mean``.

    Attributes
    ----------
    target : float
        Wanted score of observed pairs, in units of ``n_bits``.
    rest_target : float
        Wanted score of all other pairs, in units of ``n_bits``.
    rest_weight : float
        Weight of all other pairs, times the square root of the density of the matrix.
    user_power : float
        Power of a user's number of interactions, by which the user's other pairs weigh.
    """

    quadratic: ClassVar[bool] = True
    target: float = 1.0
    rest_target: float = -0.2
    rest_weight: Main[Weight] = 0.2
    user_power: float = 0.5

    def whole_data(self) -> dict[str, float]:
        """Fields of the solver's objective."""
        return {
            "target": self.target,
            "rest_target": self.rest_target,
            "rest_weight": self.rest_weight,
            "user_power": self.user_power,
        }


@dataclass(frozen=True, kw_only=True)
class SquaredHinge(Loss):
    """Hinge ``weight * sum_rest c_u max(0, s - bound)^2``; the ball is ``h <= (1 - margin) f / 2``.

    Quadratic once the pairs inside the ball are fixed, as they are while a row is updated.

    Attributes
    ----------
    weight : float
        Weight of the hinge; dense data like 1.
    margin : float
        Scores of unobserved pairs above this share of ``n_bits`` cost something.
    """

    quadratic: ClassVar[bool] = True
    main: ClassVar[bool] = False
    weight: Main[Weight] = 0.3
    margin: Annotated[float, Between(-1, 1)] = 0.1

    def whole_data(self) -> dict[str, float]:
        """Fields of the solver's objective."""
        return {"hinge_weight": self.weight, "hinge_margin": self.margin}


@dataclass(frozen=True, kw_only=True)
class SoftPositives(Loss):
    """Squares ``weight * sum_S (target f - s)^2`` of the teacher's ``per_user`` best unseen items.

    The list is never longer than a fiftieth of the catalogue.

    Attributes
    ----------
    weight : float
        Weight of the teacher's items, where an observed pair has 1.
    target : float
        Wanted score of the teacher's items, in units of ``n_bits``.
    per_user : int
        Items that the teacher gives each user.
    """

    quadratic: ClassVar[bool] = True
    main: ClassVar[bool] = False
    needs_teacher: ClassVar[bool] = True
    weight: Main[Weight] = 1.0
    target: float = 0.5
    per_user: Count = 50

    def whole_data(self) -> dict[str, float]:
        """Fields of the solver's objective."""
        return {"soft_weight": self.weight, "soft_target": self.target}


@dataclass(frozen=True, kw_only=True)
class ConfidenceSquare(Loss):
    """Squares ``(1 + alpha) sum_O (1 - s)^2 + sum_rest s^2`` of real scores (Hu et al., ICDM 2008).

    ``alpha`` and the ridge are the solver's, which a teacher needs without any terms.
    """

    quadratic: ClassVar[bool] = True
    sets_confidences: ClassVar[bool] = True
