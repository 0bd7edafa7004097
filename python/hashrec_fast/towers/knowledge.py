# SPDX-License-Identifier: Apache-2.0
"""Items described by the triples of a knowledge graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import Count, Main, NonNegative, ZeroOrMore
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class KnowledgeSAGE(Tower):
    """Means over triples with a weight vector for each relation, then over interactions.

    ``h_e <- LeakyReLU(W [h_e; mean over (r, t) of w_r * h_t])`` for every hop, where triples are
    walked both ways, each way with a ``w_r`` of its own. An item is its own vector plus that of
    its entity, a user the own vector; ``layers`` propagations over the interactions (LightGCN) and
    their mean follow.

    Attributes
    ----------
    hops : int
        Steps over the triples.
    layers : int
        Propagations over the interactions.
    start_deviation : float
        Standard deviation of the first values.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"kg"})
    hops: Main[Count] = 1
    layers: Main[ZeroOrMore] = 2
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables of users, items and entities, weights of relations and hops."""
        from hashrec_fast.towers.networks.knowledge import KnowledgeNetwork  # noqa: PLC0415 - torch

        return KnowledgeNetwork(self, data)
