# SPDX-License-Identifier: Apache-2.0
"""Vectors from sampled neighbours (GraphSAGE as HashGNN uses it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.ranges import Count, Main, NonNegative
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class SampledSAGE(Tower):
    """Dense layers over a node and a few neighbours of it, drawn anew in every step (HashGNN).

    A node starts as ``LeakyReLU(dense(id vector) + features W)``. Each hop is
    ``LeakyReLU(W [self; pooled neighbours])``, or ``LeakyReLU(W mean(self and neighbours))``
    for "gcn". A head ``tanh(dense)`` makes the outputs. Users and items have weights of their own.

    Neighbours are drawn without replacement where there are enough, else with, once for each
    distinct node of a step. Outputs outside of training pool over all neighbours; maxima, which
    grow with the number of neighbours, over a fixed draw of as many as in training.

    Attributes
    ----------
    aggregator : {"mean", "gcn", "max"}
        How a node and its neighbours are pooled.
    user_neighbours : tuple of int
        Neighbours of a user drawn by hop; as many hops as there are numbers.
    item_neighbours : tuple of int
        Neighbours of an item drawn by hop.
    id_width : int
        Width of the free vector behind a node.
    width : int
        Width of the hidden layers.
    start_deviation : float
        Standard deviation of the first id vectors.
    """

    uses: ClassVar[frozenset[str]] = frozenset({"user_features", "item_features"})
    aggregator: Literal["mean", "gcn", "max"] = "mean"
    user_neighbours: tuple[Count, ...] = (10, 5)
    item_neighbours: tuple[Count, ...] = (10,)
    id_width: Count = 120
    width: Main[Count] = 68
    start_deviation: NonNegative = 0.1

    def neighbours(self, side: str) -> tuple[int, ...]:
        """Numbers drawn by hop for the outputs of users or items."""
        return self.user_neighbours if side == "user" else self.item_neighbours

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables, weights and the links of the training interactions."""
        from hashrec_fast.towers.networks.sage import SageNetwork  # noqa: PLC0415 - torch

        return SageNetwork(self, data)
