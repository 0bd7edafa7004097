# SPDX-License-Identifier: Apache-2.0
"""Histories pooled into users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.adjacency import Adjacency, propagate
from hashrec_fast.towers.networks.base import TowerNetwork, table

if TYPE_CHECKING:
    from hashrec_fast.towers.behaviour import Behaviour


class BehaviourNetwork(TowerNetwork):
    """``begin`` averages the items of all histories, ``encode`` blends."""

    def __init__(self, tower: Behaviour, data: TowerData) -> None:
        super().__init__(data)
        self._own_share = tower.own_share
        self.user = table(data.n_rows("user"), data.n_bits, tower.start_deviation)
        self.item = table(data.n_rows("item"), data.n_bits, tower.start_deviation)
        self.turn = torch.nn.Parameter(torch.eye(data.n_bits))
        means = history_means(data.user_items, tower.history)
        self._means = Adjacency.from_csr(means, num_threads=data.num_threads)
        self._behaviour: Tensor | None = None

    def begin(self) -> None:
        """Mean of the items of every user's history."""
        self._behaviour = propagate(self._means, self.item)

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Item vectors, or users' blends."""
        if side == "item":
            return self.item[rows]
        if self._behaviour is None:
            self.begin()
        assert self._behaviour is not None
        past = self._behaviour[rows] @ self.turn
        return self._own_share * self.user[rows] + (1 - self._own_share) * past

    def base(self, side: str, rows: Tensor) -> Tensor:
        """The free vectors."""
        return (self.user if side == "user" else self.item)[rows]

    def end(self) -> None:
        """Drop the means."""
        self._behaviour = None


def history_means(user_items: sp.csr_matrix, most: int) -> sp.csr_matrix:
    """``1 / n_u`` for at most ``most`` items of every user, which torch draws; 0 keeps all."""
    links = sp.csr_matrix(user_items, dtype=np.float64, copy=True)
    users = np.repeat(np.arange(links.shape[0]), np.diff(links.indptr))
    if most:
        by_chance = np.lexsort((torch.rand(links.nnz, dtype=torch.float64).numpy(), users))
        rank = np.arange(links.nnz) - links.indptr[users]
        links.data[:] = 1
        links.data[by_chance[rank >= most]] = 0
    else:
        links.data[:] = 1
    links.eliminate_zeros()
    counts = np.diff(links.indptr)
    links.data /= np.repeat(counts, counts)
    return links
