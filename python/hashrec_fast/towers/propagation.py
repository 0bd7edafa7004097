# SPDX-License-Identifier: Apache-2.0
"""Vectors smoothed over the graph of users and items (LightGCN, NGCF, BGCH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork

CHOICES = {
    "mode": ("light", "ngcf"),
    "readout": ("mean", "concat", "layers"),
    "layer_weights": ("equal", "rising"),
    "normalisation": ("symmetric", "row"),
}


@dataclass(frozen=True, kw_only=True)
class Dispersion:
    """Shrinks the strongest direction of the vectors of layer 0 (BGCH, WWW 2023).

    Users and items each lose ``strength`` of their part along the direction that ``power`` steps of
    the power method find. Unlike in the authors' code, draws are normalised and their signs
    agree before their mean is taken, and no gradient flows through the direction.

    Attributes
    ----------
    strength : float
        In [0, 1].
    draws : int
        Random starts whose results are averaged; new ones in each training step, fixed ones for
        what is exported.
    power : int
    """

    strength: float = 0.1
    draws: int = 2
    power: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise ValueError(f"strength must be in [0, 1], got {self.strength}")
        for name in ("draws", "power"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class Propagation(Tower):
    """Layers of vectors, each made of the last one by the normalised adjacency.

    ``"light"`` is ``E^(l+1) = A E^(l)`` without weights (LightGCN, SIGIR 2020). ``"ngcf"`` adds
    two matrices per layer and a leaky ReLU (NGCF, SIGIR 2019); its graph has self loops, and its
    layers are read out with rows of length 1.

    Attributes
    ----------
    mode : {"light", "ngcf"}
    layers : int
        Besides layer 0, which holds the free vectors.
    readout : {"mean", "concat", "layers"}
        What becomes of the layers: their mean; side by side as one row; or side by side as blocks
        of the code, each of which may have a scale of its own. Side by side, ``n_bits`` is
        shared by all layers, by the last ones alone where there are fewer bits than layers.
    layer_weights : {"equal", "rising"}
        Side by side, layer l may be multiplied by ``(l + 1) / (layers + 1)`` (BiGeaR, KDD 2022).
    dispersion : Dispersion or None
    noise : float
        Length of the noise that tells the two views apart, which contrastive terms compare
        (SimGCL, SIGIR 2022); what is scored and exported has none.
    projection : bool
        One trained matrix that turns every layer, shared by all (BGCH).
    freeze_projection : bool
        Leave that matrix as it was drawn, which is what the released code of BGCH does.
    normalisation : {"symmetric", "row"}
        How ``"ngcf"`` weighs links: as its paper, or the mean over a node and its neighbours as in
        its code.
    dropout : float
        Of the layers of ``"ngcf"``.
    start_deviation : float
        Standard deviation of the first values.
    """

    abilities: ClassVar[frozenset[str]] = frozenset({"noisy views"})
    mode: str = "light"
    layers: int = 2
    readout: str = "mean"
    layer_weights: str = "equal"
    dispersion: Dispersion | None = None
    noise: float = 0.0
    projection: bool = False
    freeze_projection: bool = False
    normalisation: str = "symmetric"
    dropout: float = 0.1
    start_deviation: float = 0.1

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {choices}, got {getattr(self, name)!r}")
        if self.layers < 0:
            raise ValueError(f"layers must be at least 0, got {self.layers}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}")
        if not 0 <= self.noise < float("inf"):
            raise ValueError(f"noise must be at least 0, got {self.noise}")
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
