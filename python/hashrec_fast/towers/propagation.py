# SPDX-License-Identifier: Apache-2.0
"""Vectors smoothed over the graph of users and items (LightGCN, NGCF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class Propagation(Tower):
    """LightGCN: ``E^(l+1) = A E^(l)`` with the normalised adjacency, no weights (SIGIR 2020).

    Attributes
    ----------
    layers : int
    readout : {"mean"}
        What the vectors of all layers become: their mean.
    start_deviation : float
        Standard deviation of the first values.
    """

    layers: int = 2
    readout: str = "mean"
    start_deviation: float = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables of layer 0 and the adjacency of the training interactions."""
        from hashrec_fast.towers.networks.propagation import PropagationNetwork  # noqa: PLC0415

        return PropagationNetwork(self, data)
