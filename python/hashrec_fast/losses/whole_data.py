# SPDX-License-Identifier: Apache-2.0
"""Terms over all user-item pairs; nothing is sampled. Targets are in units of ``n_bits``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss


@dataclass(frozen=True, kw_only=True)
class WholeDataSquare(Loss):
    """``sum_O (target f - s)^2 + w_0 sum_rest c_u (rest_target f - s)^2``.

    ``w_0 = rest_weight * sqrt(density)`` and ``c_u = |O_u| ** user_power / mean``.
    """

    quadratic: ClassVar[bool] = True
    target: float = 1.0
    rest_target: float = -0.2
    rest_weight: float = 0.2
    user_power: float = 0.5


@dataclass(frozen=True, kw_only=True)
class SquaredHinge(Loss):
    """``weight * sum_rest c_u max(0, s - bound)^2``; the ball is ``h <= (1 - margin) f / 2``.

    Quadratic once the pairs inside the ball are fixed, as they are while a row is updated.
    """

    quadratic: ClassVar[bool] = True
    beside: ClassVar[frozenset[str]] = frozenset({"WholeDataSquare"})
    weight: float = 0.3
    margin: float = 0.1


@dataclass(frozen=True, kw_only=True)
class SoftPositives(Loss):
    """``weight * sum_S (target f - s)^2`` over the teacher's ``per_user`` best unseen items.

    The list is never longer than a fiftieth of the catalogue.
    """

    quadratic: ClassVar[bool] = True
    beside: ClassVar[frozenset[str]] = frozenset({"WholeDataSquare"})
    weight: float = 1.0
    target: float = 0.5
    per_user: int = 50
