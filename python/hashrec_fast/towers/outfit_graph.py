# SPDX-License-Identifier: Apache-2.0
"""Attention over the graph of users, outfits, garments and attributes (BIHGH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import Count, Main, NonNegative, ShareBelowOne
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
        Layers of the stack; the last one has a single head.
    heads : int
        Attention heads of a layer.
    width : int
        Entries of a node's vector by head.
    dropout : float
        Share of units that training leaves out.
    start_deviation : float
        Standard deviation of the tables' first values.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"outfits", "garment_features"})
    uses: ClassVar[frozenset[str]] = frozenset({"garment_attributes"})
    abilities: ClassVar[frozenset[str]] = frozenset({"garments", "related rows"})
    layers: Main[Count] = 2
    heads: Count = 4
    width: Count = 16
    dropout: ShareBelowOne = 0.1
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables, projections of features and the stack."""
        from hashrec_fast.towers.networks.outfit_graph import (  # noqa: PLC0415 - torch
            OutfitGraphNetwork,
        )

        return OutfitGraphNetwork(self, data)
