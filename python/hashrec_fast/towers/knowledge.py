# SPDX-License-Identifier: Apache-2.0
"""Items described by the triples of a knowledge graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.data.side_info import KnowledgeGraph
from hashrec_fast.ranges import Count, Main, NonNegative, ZeroOrMore
from hashrec_fast.towers.base import Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.layers.adjacency import Adjacency, bipartite_adjacency, propagate
from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor


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
        return KnowledgeNetwork(self, data)


class RelationMean(Module):
    """Mean over links (r, t) of ``w_r * h_t`` for every row that links start from; zeros for none.

    A pair (r, t) that many rows share is multiplied once.

    Parameters
    ----------
    rows, relations, columns : integer arrays (n_links,)
    shape : (n_rows, n_columns)
    n_relations, width : int
    num_threads : int
    """

    relation_of: Tensor
    column_of: Tensor

    def __init__(
        self,
        rows: NDArray[np.integer],
        relations: NDArray[np.integer],
        columns: NDArray[np.integer],
        *,
        shape: tuple[int, int],
        n_relations: int,
        width: int,
        num_threads: int = 0,
    ) -> None:
        super().__init__()
        keys = relations.astype(np.int64) * shape[1] + columns
        pairs, place = np.unique(keys, return_inverse=True)
        counts = np.bincount(rows, minlength=shape[0])
        links = sp.csr_matrix((1 / counts[rows], (rows, place)), (shape[0], len(pairs)))
        self._links = Adjacency.from_csr(links, num_threads=num_threads)
        relation, column = (torch.from_numpy(part) for part in np.divmod(pairs, shape[1]))
        self.register_buffer("relation_of", relation, persistent=False)
        self.register_buffer("column_of", column, persistent=False)
        self.weight = torch.nn.Parameter(1 + 0.1 * torch.randn(max(1, n_relations), width))

    def forward(self, hidden: Tensor) -> Tensor:
        """Means (n_rows, width) of vectors (n_columns, width)."""
        # an embedding's gradient is added row by row, quicker than that of indexing
        messages = functional.embedding(self.column_of, hidden) * functional.embedding(
            self.relation_of, self.weight
        )
        return propagate(self._links, messages)


class Hop(Module):
    """One hop over the triples: ``LeakyReLU(W [own; mean over triples])``."""

    def __init__(self, kg: KnowledgeGraph, width: int, num_threads: int) -> None:
        super().__init__()
        self.mean = RelationMean(
            np.concatenate((kg.head, kg.tail)),
            np.concatenate((kg.relation, kg.relation + kg.n_relations)),
            np.concatenate((kg.tail, kg.head)),
            shape=(kg.n_entities, kg.n_entities),
            n_relations=2 * kg.n_relations,
            width=width,
            num_threads=num_threads,
        )
        self.dense = torch.nn.Linear(2 * width, width)

    def forward(self, hidden: Tensor) -> Tensor:
        """New vectors of all entities."""
        return functional.leaky_relu(self.dense(torch.cat((hidden, self.mean(hidden)), dim=1)))


class KnowledgeNetwork(TowerNetwork):
    """Tables of users, items and entities; ``begin`` walks triples and interactions."""

    item_entity: Tensor

    def __init__(self, tower: KnowledgeSAGE, data: TowerData) -> None:
        super().__init__(data)
        kg = data.side_info.kg
        assert kg is not None
        self._layers = tower.layers
        width, deviation = data.n_bits, tower.start_deviation
        self.user = table(data.n_rows("user"), width, deviation)
        self.item = table(data.n_rows("item"), width, deviation)
        self.entities = table(kg.n_entities, width, deviation)
        self.hops = torch.nn.ModuleList(Hop(kg, width, data.num_threads) for _ in range(tower.hops))
        places = torch.from_numpy(kg.item_entity.astype(np.int64))
        self.register_buffer("item_entity", places, persistent=False)
        self._adjacency = bipartite_adjacency(data.user_items, num_threads=data.num_threads)
        self._whole: dict[str, Tensor] = {}

    def begin(self) -> None:
        """Outputs of all users and items."""
        hidden: Tensor = self.entities
        for hop in self.hops:
            hidden = hop(hidden)
        known = (self.item_entity >= 0)[:, None]
        items = self.item + functional.embedding(self.item_entity.clamp(min=0), hidden) * known
        layer = torch.cat((self.user, items))
        total = layer
        for _ in range(self._layers):
            layer = propagate(self._adjacency, layer)
            total = total + layer
        total = total / (self._layers + 1)
        n_users = self.n_rows["user"]
        self._whole = {"user": total[:n_users], "item": total[n_users:]}

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows of the mean over all layers."""
        if not self._whole:
            self.begin()
        return self._whole[side][rows]

    def base(self, side: str, rows: Tensor) -> Tensor:
        """The free vectors of users or items."""
        return (self.user if side == "user" else self.item)[rows]

    def end(self) -> None:
        """Drop the outputs."""
        self._whole = {}
