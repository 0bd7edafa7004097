# SPDX-License-Identifier: Apache-2.0
"""Attention over the graph of users, outfits, garments and attributes (BIHGH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class OutfitGraph(Tower):
    """One stack of graph attention walks the bipartite graphs there and back again.

    In the order garments-attributes, outfits-garments, users-outfits, outfits-garments; what the
    walk back to the attributes would change reaches no code. The whole graph is walked in every
    step. Users and attributes start from tables, garments from their features, outfits from the
    mean of these.

    Attributes
    ----------
    layers : int
        Of the stack; the last one has a single head.
    heads, width : int
        A node's vector has ``heads * width`` entries.
    dropout : float
    start_deviation : float
        Of the tables.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"outfits", "garment_features"})
    uses: ClassVar[frozenset[str]] = frozenset({"garment_attributes"})
    abilities: ClassVar[frozenset[str]] = frozenset({"garments", "related rows"})
    layers: int = 2
    heads: int = 4
    width: int = 16
    dropout: float = 0.1
    start_deviation: float = 0.1

    def __post_init__(self) -> None:
        for name in ("layers", "heads", "width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be from 0 to below 1, got {self.dropout!r}")

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables, projections of features and the stack."""
        from hashrec_fast.towers.networks.outfit_graph import (  # noqa: PLC0415 - torch
            OutfitGraphNetwork,
        )

        return OutfitGraphNetwork(self, data)
