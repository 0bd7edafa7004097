# SPDX-License-Identifier: Apache-2.0
"""Propagation of the vectors of all nodes, once per step for the whole graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.adjacency import bipartite_adjacency, propagate
from hashrec_fast.towers.networks.base import TowerNetwork, table
from hashrec_fast.towers.networks.dispersion import disperse, strongest_direction
from hashrec_fast.towers.networks.ngcf import NGCFLayer

if TYPE_CHECKING:
    from hashrec_fast.towers.propagation import Propagation


class PropagationNetwork(TowerNetwork):
    """``begin`` walks the layers, ``encode`` looks rows of the readout up."""

    starts: Tensor

    def __init__(self, tower: Propagation, data: TowerData) -> None:
        self._widths = tower.widths(data.n_bits)
        width = max(self._widths)
        super().__init__(data, self._widths if tower.readout == "layers" else None)
        self.tower = tower
        self._n_users = data.n_rows("user")
        nodes = self._n_users + data.n_rows("item")
        self.nodes = table(nodes, width, tower.start_deviation)
        ngcf = tower.mode == "ngcf"
        self._adjacency = bipartite_adjacency(
            data.user_items,
            mode="row" if ngcf and tower.normalisation == "row" else "symmetric",
            self_loops=ngcf,
            num_threads=data.num_threads,
        )
        steps = tower.layers if ngcf else 0
        self.steps = torch.nn.ModuleList(NGCFLayer(width, tower.dropout) for _ in range(steps))
        self.projection: torch.nn.Parameter | None = None
        if tower.projection:
            self.projection = torch.nn.Parameter(torch.empty(width, width))
            torch.nn.init.xavier_uniform_(self.projection)
            self.projection.requires_grad_(not tower.freeze_projection)
        if tower.dispersion is not None:
            self.register_buffer("starts", torch.randn(width, tower.dispersion.draws))
        self._readout: Tensor | None = None
        self._views: tuple[Tensor, Tensor] | None = None

    def begin(self) -> None:
        """Propagate the present tables."""
        self._views = None
        layers = [self._layer_0()]
        for place in range(self.tower.layers):
            layers.append(self._next(layers[-1], place))
        self._readout = self._read(layers)

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows of the readout."""
        if self._readout is None:
            self.begin()
        assert self._readout is not None
        return self._readout.index_select(0, self._places(side, rows))

    def views(self, side: str, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Rows of two readouts of noisy layers; those of :meth:`encode`, twice, in evaluation."""
        if not self.training:
            clean = self.encode(side, rows)
            return clean, clean
        if self._views is None:
            self._views = self._noisy(), self._noisy()
        places = self._places(side, rows)
        return self._views[0].index_select(0, places), self._views[1].index_select(0, places)

    def base(self, side: str, rows: Tensor) -> Tensor:
        """Rows of layer 0, before dispersion."""
        return self.nodes.index_select(0, self._places(side, rows))

    def end(self) -> None:
        """Drop the readouts."""
        self._readout = self._views = None

    def _layer_0(self) -> Tensor:
        """The free vectors, dispersed by side where the tower says so."""
        how = self.tower.dispersion
        if how is None:
            return self.nodes
        parts = []
        for part in (self.nodes[: self._n_users], self.nodes[self._n_users :]):
            starts = torch.randn_like(self.starts) if self.training else self.starts
            direction = strongest_direction(part.detach(), starts, how.power)
            parts.append(disperse(part, direction, how.strength))
        return torch.cat(parts)

    def _next(self, layer: Tensor, place: int) -> Tensor:
        if self.tower.mode == "ngcf":
            step: Tensor = self.steps[place](self._adjacency, layer)
            return step
        return propagate(self._adjacency, layer)

    def _noisy(self) -> Tensor:
        """The readout of layers to each of which noise was added before the next was made."""
        layers = [self._with_noise(self._layer_0())]
        for place in range(self.tower.layers):
            layers.append(self._with_noise(self._next(layers[-1], place)))
        return self._read(layers)

    def _with_noise(self, layer: Tensor) -> Tensor:
        noise = torch.nn.functional.normalize(torch.rand_like(layer))
        return layer + self.tower.noise * layer.detach().sign() * noise

    def _read(self, layers: list[Tensor]) -> Tensor:
        """What all layers together become, (n_nodes, n_bits)."""
        if self.tower.mode == "ngcf":
            layers = [layers[0], *(torch.nn.functional.normalize(x) for x in layers[1:])]
        if self.projection is not None:
            layers = [layer @ self.projection for layer in layers]
        if self.tower.readout == "mean":
            total: Tensor = sum(layers[1:], start=layers[0])
            return total / len(layers)
        if self.tower.layer_weights == "rising":
            layers = [x * ((number + 1) / len(layers)) for number, x in enumerate(layers)]
        parts = zip(layers[-len(self._widths) :], self._widths, strict=True)
        return torch.cat([layer[:, :width] for layer, width in parts], dim=1)

    def _places(self, side: str, rows: Tensor) -> Tensor:
        return rows if side == "user" else rows + self._n_users
