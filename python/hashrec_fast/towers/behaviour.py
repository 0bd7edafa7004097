# SPDX-License-Identifier: Apache-2.0
"""Users as a blend of their own vector and the items they had (SimpleX)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from hashrec_fast.ranges import Main, NonNegative, Share, ZeroOrMore
from hashrec_fast.towers.base import Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.layers.adjacency import Adjacency, propagate
from hashrec_fast.towers.lazy_torch import torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Behaviour(Tower):
    """Users as blends of their own vector and the mean of their items (SimpleX, CIKM 2021).

    A user is ``own_share p_u + (1 - own_share) T mean of q_i over the history``. Items are
    their own vectors ``q_i``; ``T`` is a square matrix that is learnt, from the identity.

    Attributes
    ----------
    history : int
        Most items of a user that are looked at, drawn once; 0 looks at all.
    own_share : float
        What the user's own vector weighs, within [0, 1].
    start_deviation : float
        Standard deviation of the first values.
    """

    history: ZeroOrMore = 100
    own_share: Main[Share] = 0.5
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Both tables, the square matrix and the histories."""
        return BehaviourNetwork(self, data)


class BehaviourNetwork(TowerNetwork):
    """Tables, and the means of all histories, which ``begin`` makes and ``encode`` blends in."""

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
    """Weights ``1 / n_u`` of at most ``most`` items of a user, which torch draws; 0 keeps all."""
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
