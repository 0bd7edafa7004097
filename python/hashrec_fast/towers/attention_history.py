# SPDX-License-Identifier: Apache-2.0
"""Rows read from their history of ratings, friends and attributes by attention (TSGNH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import scipy.sparse as sp

from hashrec_fast.ranges import Count, Main, NonNegative, ShareBelowOne
from hashrec_fast.towers.base import Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.layers.padded_rows import PaddedRows, levels_of
from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor


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
        return AttentionHistoryNetwork(self, data)


POPULARITY_BINS = 10


class Attention(Module):
    """Weighted sum of lists of vectors; the weights by a small network of them and a query."""

    def __init__(self, width: int, query_width: int) -> None:
        super().__init__()
        self.hidden = torch.nn.Linear(width + query_width, width)
        self.score = torch.nn.Linear(width, 1, bias=False)

    def forward(self, values: Tensor, query: Tensor, there: Tensor) -> Tensor:
        """Sums (n, width) of (n, length, width) by (n, length, query_width); 0 for empty lists."""
        scores = self.score(self.hidden(torch.cat([values, query], -1)).relu())[..., 0]
        scores = scores.masked_fill(~there, -1e9)  # not -inf: a row may be empty
        weights = scores.softmax(-1) * there
        mixed: Tensor = (weights[..., None] * values).sum(1)
        return mixed


class Head(Module):
    """Batch norm, ReLU, dropout, a linear map; a batch of one row is normalised by the past."""

    def __init__(self, width: int, n_bits: int, dropout: float) -> None:
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(width)
        self.dropout = torch.nn.Dropout(dropout)
        self.linear = torch.nn.Linear(width, n_bits)

    def forward(self, rows: Tensor) -> Tensor:
        """Outputs (n, n_bits)."""
        batch = self.norm.training and len(rows) > 1
        normed = functional.batch_norm(
            rows,
            self.norm.running_mean,
            self.norm.running_var,
            self.norm.weight,
            self.norm.bias,
            training=batch,
        )
        encoded: Tensor = self.linear(self.dropout(normed.relu()))
        return encoded


class SideHistory(Module):
    """Encoder of one side's rows by the rows of the other side that they met."""

    def __init__(self, tower: AttentionHistory, rows: PaddedRows, n_levels: int, timed: bool):
        super().__init__()
        width, dev = tower.width, tower.start_deviation
        self.rows, self._recent = rows, tower.recent if timed else tower.history
        self.ratings = table(n_levels, width, dev)
        self.places = table(rows.columns.shape[1], width, dev) if timed else None
        self.opinion = torch.nn.Linear(2 * width, width)
        self.long = Attention(width, 2 * width if timed else width)
        self.short = Attention(width, width)
        self.merge = torch.nn.Linear(3 * width, width)

    def forward(self, rows: Tensor, own: Tensor, other: Tensor) -> Tensor:
        """Vectors (n, width) of rows whose table has ``own``, by all vectors of the other side."""
        columns, there = self.rows.columns[rows], self.rows.there[rows]
        ratings = self.ratings[self.rows.values[rows]]
        opinions = self.opinion(torch.cat([other[columns], ratings], -1)).relu()
        query = own[:, None].expand(-1, columns.shape[1], -1)
        timed = query
        if self.places is not None:
            places = self.places.expand(len(rows), -1, -1)
            timed = torch.cat([query, places], -1)
        long = self.long(opinions, timed, there)
        recent = slice(0, self._recent)
        short = self.short(opinions[:, recent], query[:, recent], there[:, recent])
        merged: Tensor = self.merge(torch.cat([own, long, short], -1)).relu()
        return merged


class AttentionHistoryNetwork(TowerNetwork):
    """Network of both sides; friends join the users, attributes the items that have features."""

    def __init__(self, tower: AttentionHistory, data: TowerData) -> None:
        super().__init__(data)
        matrix, times = data.user_items, data.side_info.timestamps
        width, dev = tower.width, tower.start_deviation
        levels, n_levels = levels_of(matrix.data, tower.levels)
        numbered = sp.csr_matrix((levels, matrix.indices, matrix.indptr), shape=matrix.shape)
        stamps = None if times is None else times_of(matrix, times)
        self.table = torch.nn.ParameterDict(
            {side: table(data.n_rows(side), width, dev) for side in ("user", "item")}
        )
        self.history = torch.nn.ModuleDict()
        for side in ("user", "item"):
            order = np.arange(matrix.nnz)
            rows = numbered
            if side == "item":
                places = sp.csr_matrix((order, matrix.indices, matrix.indptr), shape=matrix.shape)
                turned = places.T.tocsr()
                order = turned.data
                rows = turned
            stamp = None if stamps is None else stamps[order]
            padded = PaddedRows(rows, tower.history, levels[order], stamp)
            self.history[side] = SideHistory(tower, padded, n_levels, stamps is not None)
        graph = data.side_info.social
        assert graph is not None
        self._friends = PaddedRows(graph, tower.friends, np.zeros(graph.nnz, np.int64))
        self.social = Attention(width, width)
        self.join_friends = torch.nn.Linear(2 * width, width)
        self._add_attributes(tower, data)
        self.head = torch.nn.ModuleDict(
            {side: Head(width, data.n_bits, tower.dropout) for side in ("user", "item")}
        )

    def _add_attributes(self, tower: AttentionHistory, data: TowerData) -> None:
        views = data.side_info.item_features
        self._attributes: PaddedRows | None = None
        if not views:
            return
        features = sp.csr_matrix(sp.hstack(views))
        features.eliminate_zeros()
        counts = features.getnnz(axis=0)
        bins = np.minimum(
            (np.log1p(counts) / np.log1p(max(counts.max(), 1)) * POPULARITY_BINS).astype(np.int64),
            POPULARITY_BINS - 1,
        )
        self._attributes = PaddedRows(features, tower.attributes, bins[features.indices])
        self.attribute_table = table(features.shape[1], tower.width, tower.start_deviation)
        self.popularity = table(POPULARITY_BINS, tower.width, tower.start_deviation)
        self.attribute_attention = Attention(tower.width, tower.width)
        self.join_attributes = torch.nn.Linear(2 * tower.width, tower.width)

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Outputs of the side's head, by the history and what stands beside it."""
        own, other = self.table[side], self.table["item" if side == "user" else "user"]
        mine = own[rows]
        hidden = self.history[side](rows, mine, other)
        if side == "user":
            columns, there = self._friends.columns[rows], self._friends.there[rows]
            query = mine[:, None].expand(-1, columns.shape[1], -1)
            seen = self.social(own[columns], query, there)
            hidden = self.join_friends(torch.cat([hidden, seen], -1)).relu()
        elif self._attributes is not None:
            parts = self._attributes
            columns, there = parts.columns[rows], parts.there[rows]
            values = self.attribute_table[columns] + self.popularity[parts.values[rows]]
            query = mine[:, None].expand(-1, columns.shape[1], -1)
            seen = self.attribute_attention(values, query, there)
            hidden = self.join_attributes(torch.cat([hidden, seen], -1)).relu()
        encoded: Tensor = self.head[side](hidden)
        return encoded

    def base(self, side: str, rows: Tensor) -> Tensor:
        """Rows of the side's table."""
        found: Tensor = self.table[side][rows]
        return found


def times_of(matrix: sp.csr_matrix, times: sp.csr_matrix) -> np.ndarray:
    """The time of every stored pair; a pair without one is the oldest."""
    shape = matrix.shape
    keys = np.repeat(np.arange(shape[0], dtype=np.int64), np.diff(matrix.indptr)) * shape[1]
    known = np.repeat(np.arange(shape[0], dtype=np.int64), np.diff(times.indptr)) * shape[1]
    known = known + times.indices
    order = np.argsort(known, kind="stable")
    places = np.searchsorted(known[order], keys + matrix.indices)
    places = np.minimum(places, max(len(known) - 1, 0))
    found = np.full(matrix.nnz, -np.inf)
    if len(known):
        hit = known[order][places] == keys + matrix.indices
        found[hit] = times.data[order][places][hit]
    return found
