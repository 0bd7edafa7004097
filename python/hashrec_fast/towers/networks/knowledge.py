# SPDX-License-Identifier: Apache-2.0
"""GraphSAGE over triples with weighted relations, and LightGCN over interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import embedding, leaky_relu

from hashrec_fast.data.side_info import KnowledgeGraph
from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.adjacency import Adjacency, bipartite_adjacency, propagate
from hashrec_fast.towers.networks.base import TowerNetwork, table

if TYPE_CHECKING:
    from hashrec_fast.towers.knowledge import KnowledgeSAGE


class RelationMean(torch.nn.Module):
    """``mean over links (r, t) of w_r * h_t`` for every row that links start from; zeros for none.

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
        """(n_rows, width) from (n_columns, width)."""
        # an embedding's gradient is added row by row, quicker than that of indexing
        messages = embedding(self.column_of, hidden) * embedding(self.relation_of, self.weight)
        return propagate(self._links, messages)


class Hop(torch.nn.Module):
    """``LeakyReLU(W [own; mean over triples])``."""

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
        return leaky_relu(self.dense(torch.cat((hidden, self.mean(hidden)), dim=1)))


class KnowledgeNetwork(TowerNetwork):
    """``begin`` walks triples and interactions, ``encode`` looks rows up."""

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
        items = self.item + embedding(self.item_entity.clamp(min=0), hidden) * known
        layer = torch.cat((self.user, items))
        total = layer
        for _ in range(self._layers):
            layer = propagate(self._adjacency, layer)
            total = total + layer
        user, item = (total / (self._layers + 1)).split(list(self.n_rows.values()))
        self._whole = {"user": user, "item": item}

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
