# SPDX-License-Identifier: Apache-2.0
"""Rows read from their history of ratings, friends and attributes by attention (TSGNH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import Count, Main, NonNegative, ShareBelowOne
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class AttentionHistory(Tower):
    """Attention over a user's items, old and recent, and over friends; over an item's users.

    Where ``side_info`` has ``timestamps`` (a Dataset's are taken), a history holds the latest
    interactions and every one has a vector for its place, the newest first. Without times there
    is no order: stored columns are sorted by id, which says nothing of when. Then the history is
    an even sample of the row, there are no places, and "recent" is all of it.

    Attributes
    ----------
    width : int
        Width of all inner vectors.
    history : int
        Most interactions of a row that are looked at.
    recent : int
        How many of the newest the short-term attention sees.
    friends : int
        Most friends of a user.
    attributes : int
        Most attributes of an item: features other than zero.
    dropout : float
        Share of both heads' units that training leaves out.
    levels : int
        Most distinct ratings with a vector of their own; more are put into as many quantiles.
    start_deviation : float
        Standard deviation of the first vectors.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"social"})
    uses: ClassVar[frozenset[str]] = frozenset({"item_features", "timestamps"})
    width: Main[Count] = 64
    history: Count = 30
    recent: Count = 5
    friends: Count = 20
    attributes: Count = 20
    dropout: ShareBelowOne = 0.5
    levels: Count = 10
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables, attentions and a head for each side."""
        from hashrec_fast.towers.networks.attention_history import (  # noqa: PLC0415 - torch
            AttentionHistoryNetwork,
        )

        return AttentionHistoryNetwork(self, data)
