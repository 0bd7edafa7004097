# SPDX-License-Identifier: Apache-2.0
"""Attention to friends whose codes are near (DLACF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, NonNegative, Weight


@dataclass(frozen=True, kw_only=True)
class AttentiveFriends(Loss):
    """``weight (sum_i |b_i - sum_v a_iv u_v|^2 + sum_i |u_i - b_i|^2)`` over users' two codes.

    Attributes
    ----------
    weight : float
        Weight of the users' distance to their friends.
    sharpness : float
        Cost of attention to a friend per differing bit. At the authors' 1e5 it goes to the
        nearest friends alone, in equal parts.
    """

    quadratic: ClassVar[bool] = True
    beside: ClassVar[frozenset[str]] = frozenset({"MSE"})
    needs: ClassVar[frozenset[str]] = frozenset({"social"})
    weight: Main[Weight] = 1.0
    sharpness: NonNegative = 1e5
