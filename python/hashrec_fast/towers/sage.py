# SPDX-License-Identifier: Apache-2.0
"""Vectors from sampled neighbours (GraphSAGE as HashGNN uses it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork

AGGREGATORS = ("mean", "gcn", "max")


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
    user_neighbours, item_neighbours : tuple of int
        Neighbours drawn by hop; as many hops as there are numbers.
    id_width, width : int
        Of the free vector behind a node, and of the hidden layers.
    start_deviation : float
        Standard deviation of the first id vectors.
    """

    uses: ClassVar[frozenset[str]] = frozenset({"user_features", "item_features"})
    aggregator: str = "mean"
    user_neighbours: tuple[int, ...] = (10, 5)
    item_neighbours: tuple[int, ...] = (10,)
    id_width: int = 120
    width: int = 68
    start_deviation: float = 0.1

    def __post_init__(self) -> None:
        if self.aggregator not in AGGREGATORS:
            raise ValueError(f"aggregator must be one of {AGGREGATORS}, got {self.aggregator!r}")
        for name in ("user_neighbours", "item_neighbours"):
            if not all(k >= 1 for k in getattr(self, name)):
                raise ValueError(f"{name} must be at least 1 each, got {getattr(self, name)}")

    def neighbours(self, side: str) -> tuple[int, ...]:
        """Numbers drawn by hop for the outputs of users or items."""
        return self.user_neighbours if side == "user" else self.item_neighbours

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables, weights and the links of the training interactions."""
        from hashrec_fast.towers.networks.sage import SageNetwork  # noqa: PLC0415 - torch

        return SageNetwork(self, data)
