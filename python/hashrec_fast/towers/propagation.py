# SPDX-License-Identifier: Apache-2.0
"""Vectors smoothed over the graph of users and items (LightGCN, NGCF, BGCH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.field_checks import check_fields
from hashrec_fast.ranges import Count, Main, NonNegative, Share, ShareBelowOne, ZeroOrMore
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class Dispersion:
    """Shrinks the strongest direction of the vectors of layer 0 (BGCH, WWW 2023).

    Users and items each lose ``strength`` of their part along the direction that ``power`` steps of
    the power method find. Unlike in the authors' code, draws are normalised and their signs
    agree before their mean is taken, and no gradient flows through the direction.

    Attributes
    ----------
    strength : float
        Share of the strongest direction that is taken away.
    draws : int
        Random starts whose results are averaged; new ones in each training step, fixed ones for
        what is exported.
    power : int
        Steps of the power method.
    """

    strength: Share = 0.1
    draws: Count = 2
    power: Count = 2

    def __post_init__(self) -> None:
        check_fields(self)


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
        from hashrec_fast.towers.networks.propagation import PropagationNetwork  # noqa: PLC0415

        return PropagationNetwork(self, data)
