# SPDX-License-Identifier: Apache-2.0
"""Terms over the links of a social graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Weight


@dataclass(frozen=True, kw_only=True)
class SocialCodes(Loss):
    """``weight * sum over links (u, v) of (target f - b_u'w_v)^2`` with codes ``w`` of friends.

    Attributes
    ----------
    weight : float
        Weight of the links.
    target : float
        Wanted score of linked users, in units of ``n_bits``.
    """

    quadratic: ClassVar[bool] = True
    beside: ClassVar[frozenset[str]] = frozenset({"MSE"})
    needs: ClassVar[frozenset[str]] = frozenset({"social"})
    weight: Main[Weight] = 1.0
    target: float = 1.0
