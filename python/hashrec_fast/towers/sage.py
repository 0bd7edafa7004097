# SPDX-License-Identifier: Apache-2.0
"""Vectors from sampled neighbours (GraphSAGE as HashGNN uses it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.ranges import Count, Main, NonNegative
from hashrec_fast.towers.base import SIDES, Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.layers.feature_projection import FeatureProjection
from hashrec_fast.towers.layers.neighbours import Neighbours, pooled
from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor


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
        return SageNetwork(self, data)


FIXED_DRAW = 0  # seed of the neighbours over which exported maxima are taken


def other(side: str) -> str:
    """The other side, where the links of one side lead."""
    return "item" if side == "user" else "user"


class Aggregate(Module):
    """One hop: a node's own vector and its pooled neighbours through a dense layer."""

    def __init__(self, kind: str, width: int) -> None:
        super().__init__()
        self._kind = kind
        self.dense = torch.nn.Linear(width if kind == "gcn" else 2 * width, width)

    def forward(self, own: Tensor, neighbours: Tensor, counts: Tensor) -> Tensor:
        """New vectors; "gcn" needs ``counts`` of what was pooled for the mean with oneself."""
        if self._kind != "gcn":
            return functional.leaky_relu(self.dense(torch.cat((own, neighbours), dim=1)))
        n = counts[:, None].to(own.dtype)
        return functional.leaky_relu(self.dense((own + n * neighbours) / (n + 1)))


class SageSide(Module):
    """Weights, table and links of one side."""

    def __init__(self, tower: SampledSAGE, data: TowerData, side: str) -> None:
        super().__init__()
        self.ids = table(data.n_rows(side), tower.id_width, tower.start_deviation)
        self.dense = torch.nn.Linear(tower.id_width, tower.width)
        views = data.side_info.features(side)
        self.features = FeatureProjection(views, tower.width, data.num_threads) if views else None
        links = data.user_items if side == "user" else data.user_items.T.tocsr()
        self.links = Neighbours(links)
        hops = tower.neighbours(side)
        self.hops = torch.nn.ModuleList(Aggregate(tower.aggregator, tower.width) for _ in hops)
        self.head = torch.nn.Linear(tower.width, data.n_bits)

    def start(self) -> Tensor:
        """Vectors of all nodes before any hop."""
        start = self.dense(self.ids)
        return functional.leaky_relu(start if self.features is None else start + self.features())


class SageNetwork(TowerNetwork):
    """Network of both sides: ``begin`` makes first vectors, ``encode`` walks the hops."""

    def __init__(self, tower: SampledSAGE, data: TowerData) -> None:
        super().__init__(data)
        self._tower = tower
        self._pool = "max" if tower.aggregator == "max" else "mean"
        self.user = SageSide(tower, data, "user")
        self.item = SageSide(tower, data, "item")
        self._first: dict[str, Tensor] = {}
        self._whole: dict[str, Tensor] = {}

    def side(self, side: str) -> SageSide:
        """The weights, table and links of users or items."""
        return self.user if side == "user" else self.item

    def begin(self) -> None:
        """The nodes' first vectors; outside of training the outputs of all of them."""
        self._first = {side: self.side(side).start() for side in SIDES}
        self._whole = {} if self.training else {side: self._encode_all(side) for side in SIDES}

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Outputs within (-1, 1)."""
        if not self._first:
            self.begin()
        if self._whole:
            return self._whole[side][rows]
        sizes = self._tower.neighbours(side)
        kinds = [side if h % 2 == 0 else other(side) for h in range(len(sizes) + 1)]
        nodes, places = [rows], []
        for kind, k in zip(kinds, sizes, strict=False):
            drawn = self.side(kind).links.sample(nodes[-1], k)
            following, place = torch.unique(drawn, return_inverse=True)
            nodes.append(following)
            places.append(place)
        degrees = [self.side(kind).links.degrees(at) for kind, at in zip(kinds, nodes, strict=True)]
        hidden = [self._first[kind][at] for kind, at in zip(kinds, nodes, strict=True)]
        for level, hop in enumerate(self.side(side).hops):
            hidden = [
                hop(
                    hidden[h],
                    pooled(places[h], hidden[h + 1], degrees[h], self._pool),
                    (degrees[h] > 0) * sizes[h],
                )
                for h in range(len(sizes) - level)
            ]
        return self._head(side, hidden[0])

    def base(self, side: str, rows: Tensor) -> Tensor:
        """Id vectors."""
        return self.side(side).ids[rows]

    def end(self) -> None:
        """Drop the vectors of this step."""
        self._first, self._whole = {}, {}

    def _head(self, side: str, hidden: Tensor) -> Tensor:
        outputs: Tensor = self.side(side).head(hidden)
        return outputs.tanh()

    def _encode_all(self, side: str) -> Tensor:
        """Outputs of all users or items from all their neighbours."""
        hidden = dict(self._first)
        hops, sizes = self.side(side).hops, self._tower.neighbours(side)
        for level, hop in enumerate(hops):
            kinds = SIDES if level + 1 < len(hops) else (side,)
            # the node at hop h of an output draws sizes[h]; from here it is h = 0 or 1 hop away
            hidden = {
                kind: self._hop(hop, kind, hidden, sizes[min(kind != side, len(sizes) - 1)])
                for kind in kinds
            }
        return self._head(side, hidden[side])

    def _hop(self, hop: torch.nn.Module, kind: str, hidden: dict[str, Tensor], k: int) -> Tensor:
        links, columns = self.side(kind).links, hidden[other(kind)]
        rows = torch.arange(self.n_rows[kind], device=columns.device)
        degrees = links.degrees(rows)
        if self._pool == "mean":
            own: Tensor = hop(hidden[kind], links.pooled(columns, "mean"), degrees)
            return own
        generator = torch.Generator(columns.device).manual_seed(FIXED_DRAW)
        drawn = links.sample(rows, k, generator)
        maxima: Tensor = hop(hidden[kind], pooled(drawn, columns, degrees, "max"), degrees)
        return maxima
