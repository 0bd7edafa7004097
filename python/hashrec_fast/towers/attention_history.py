# SPDX-License-Identifier: Apache-2.0
"""Rows read from their history of ratings, friends and attributes by attention (TSGNH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

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
        Of all inner vectors.
    history : int
        Most interactions of a row that are looked at.
    recent : int
        How many of the newest the short-term attention sees.
    friends : int
        Most friends of a user.
    attributes : int
        Most attributes of an item: features other than zero.
    dropout : float
        In both heads.
    levels : int
        Most distinct ratings with a vector of their own; more are put into as many quantiles.
    start_deviation : float
        Standard deviation of the first vectors.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"social"})
    uses: ClassVar[frozenset[str]] = frozenset({"item_features", "timestamps"})
    width: int = 64
    history: int = 30
    recent: int = 5
    friends: int = 20
    attributes: int = 20
    dropout: float = 0.5
    levels: int = 10
    start_deviation: float = 0.1

    def __post_init__(self) -> None:
        for name in ("width", "history", "recent", "friends", "attributes", "levels"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be from 0 to below 1, got {self.dropout!r}")

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables, attentions and a head for each side."""
        from hashrec_fast.towers.networks.attention_history import (  # noqa: PLC0415 - torch
            AttentionHistoryNetwork,
        )

        return AttentionHistoryNetwork(self, data)
