# SPDX-License-Identifier: Apache-2.0
"""Vectors smoothed over the graph of users and items (LightGCN, NGCF, BGCH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.ranges import Main, NonNegative, ShareBelowOne, ZeroOrMore
from hashrec_fast.towers.base import Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.dispersion import Dispersion, disperse, strongest_direction
from hashrec_fast.towers.layers.adjacency import bipartite_adjacency, propagate
from hashrec_fast.towers.layers.ngcf import NGCFLayer
from hashrec_fast.towers.lazy_torch import functional, torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Propagation(Tower):
    """Layers of vectors, each made of the last one by the normalised adjacency.

    ``"light"`` is ``E^(l+1) = A E^(l)`` without weights (LightGCN, SIGIR 2020). ``"ngcf"`` adds
    two matrices per layer and a leaky ReLU (NGCF, SIGIR 2019); its graph has self loops, and its
    layers are read out with rows of length 1.

    Attributes
    ----------
    mode : {"light", "ngcf"}
        Kind of layers: without weights, or NGCF's.
    layers : int
        Layers besides layer 0, which holds the free vectors.
    readout : {"mean", "concat", "layers"}
        What becomes of the layers: their mean; side by side as one row; or side by side as blocks
        of the code, each of which may have a scale of its own. Side by side, ``n_bits`` is
        shared by all layers, by the last ones alone where there are fewer bits than layers.
    layer_weights : {"equal", "rising"}
        Weights of layers side by side: layer l may be multiplied by ``(l + 1) / (layers + 1)``
        (BiGeaR, KDD 2022).
    dispersion : Dispersion or None
        What keeps the vectors of layer 0 from agreeing in one direction.
    noise : float
        Length of the noise that tells the two views apart, which contrastive terms compare
        (SimGCL, SIGIR 2022); what is scored and exported has none.
    projection : bool
        One trained matrix that turns every layer, shared by all (BGCH).
    freeze_projection : bool
        Whether the matrix of ``projection`` stays as it was drawn, as in the released code of BGCH.
    normalisation : {"symmetric", "row"}
        How ``"ngcf"`` weighs links: as its paper, or the mean over a node and its neighbours as in
        its code.
    dropout : float
        Share of the layers of ``"ngcf"`` that training leaves out.
    start_deviation : float
        Standard deviation of the first values.
    """

    abilities: ClassVar[frozenset[str]] = frozenset({"noisy views"})
    mode: Literal["light", "ngcf"] = "light"
    layers: Main[ZeroOrMore] = 2
    readout: Literal["mean", "concat", "layers"] = "mean"
    layer_weights: Literal["equal", "rising"] = "equal"
    dispersion: Dispersion | None = None
    noise: NonNegative = 0.0
    projection: bool = False
    freeze_projection: bool = False
    normalisation: Literal["symmetric", "row"] = "symmetric"
    dropout: ShareBelowOne = 0.1
    start_deviation: NonNegative = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.readout == "mean" and self.layer_weights != "equal":
            raise ValueError("layer_weights are for layers side by side, not for their mean")

    def widths(self, n_bits: int) -> tuple[int, ...]:
        """Columns of the layers that are read out, the last one last.

        Examples
        --------
        >>> Propagation(layers=2, readout="layers").widths(64)
        (22, 21, 21)
        >>> Propagation(layers=2, readout="concat").widths(1), Propagation().widths(8)
        ((1,), (8, 8, 8))
        """
        if self.readout == "mean":
            return (n_bits,) * (self.layers + 1)
        count = min(self.layers + 1, n_bits)
        return tuple(n_bits // count + (b < n_bits % count) for b in range(count))

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables of layer 0 and the adjacency of the training interactions."""
        return PropagationNetwork(self, data)


class PropagationNetwork(TowerNetwork):
    """Layers of all nodes, made by ``begin``, and their readout, which ``encode`` looks up."""

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
        noise = functional.normalize(torch.rand_like(layer))
        return layer + self.tower.noise * layer.detach().sign() * noise

    def _read(self, layers: list[Tensor]) -> Tensor:
        """What all layers together become, (n_nodes, n_bits)."""
        if self.tower.mode == "ngcf":
            layers = [layers[0], *(functional.normalize(x) for x in layers[1:])]
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
