# SPDX-License-Identifier: Apache-2.0
"""LightGCN's propagation, once per step for the whole graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.adjacency import bipartite_adjacency, propagate
from hashrec_fast.towers.networks.base import TowerNetwork, table

if TYPE_CHECKING:
    from hashrec_fast.towers.propagation import Propagation


class PropagationNetwork(TowerNetwork):
    """``begin`` walks the layers, ``encode`` looks rows of the readout up."""

    def __init__(self, tower: Propagation, data: TowerData) -> None:
        super().__init__(data)
        self._layers = tower.layers
        self._n_users = data.n_rows("user")
        nodes = self._n_users + data.n_rows("item")
        self.nodes = table(nodes, data.n_bits, tower.start_deviation)
        self._adjacency = bipartite_adjacency(data.user_items, num_threads=data.num_threads)
        self._readout: Tensor | None = None

    def begin(self) -> None:
        """Propagate the present tables."""
        layer: Tensor = self.nodes
        total = layer
        for _ in range(self._layers):
            layer = propagate(self._adjacency, layer)
            total = total + layer
        self._readout = total / (self._layers + 1)

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows of the mean over all layers."""
        if self._readout is None:
            self.begin()
        assert self._readout is not None
        return self._readout[self._places(side, rows)]

    def base(self, side: str, rows: Tensor) -> Tensor:
        """Rows of layer 0."""
        return self.nodes[self._places(side, rows)]

    def end(self) -> None:
        """Drop the readout."""
        self._readout = None

    def _places(self, side: str, rows: Tensor) -> Tensor:
        return rows if side == "user" else rows + self._n_users
