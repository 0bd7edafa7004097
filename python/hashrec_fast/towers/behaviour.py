# SPDX-License-Identifier: Apache-2.0
"""Users as a blend of their own vector and the items they had (SimpleX)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashrec_fast.ranges import Main, NonNegative, Share, ZeroOrMore
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class Behaviour(Tower):
    """``own_share p_u + (1 - own_share) T mean of q_i over the history`` (SimpleX, CIKM 2021).

    Items are their own vectors ``q_i``; ``T`` is a square matrix that is learnt, from the identity.

    Attributes
    ----------
    history : int
        Most items of a user that are looked at, drawn once; 0 looks at all.
    own_share : float
        What the user's own vector weighs, within [0, 1].
    start_deviation : float
        Standard deviation of the first values.
    """

    history: ZeroOrMore = 100
    own_share: Main[Share] = 0.5
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Both tables, the square matrix and the histories."""
        from hashrec_fast.towers.networks.behaviour import BehaviourNetwork  # noqa: PLC0415 - torch

        return BehaviourNetwork(self, data)
