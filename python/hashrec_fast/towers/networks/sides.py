# SPDX-License-Identifier: Apache-2.0
"""A network for each side, put together."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.base import SIDES, TowerNetwork, table


class SideNetwork(torch.nn.Module):
    """What encodes the users or the items alone; a ``decoder`` gives features back."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder: torch.nn.Module | None = None

    def encode(self, rows: Tensor) -> Tensor:
        """Real vectors (n, n_bits) of rows, int64 (n,)."""
        raise NotImplementedError

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What encoding from features needs."""
        return {}


class TableSide(SideNetwork):
    """One free vector per row."""

    def __init__(self, n_rows: int, n_bits: int, deviation: float) -> None:
        super().__init__()
        self.table = table(n_rows, n_bits, deviation)

    def encode(self, rows: Tensor) -> Tensor:
        """Rows of the table."""
        return self.table[rows]


class SidesNetwork(TowerNetwork):
    """``sides["user"]`` and ``sides["item"]``."""

    def __init__(self, data: TowerData, user: SideNetwork, item: SideNetwork) -> None:
        super().__init__(data)
        self.sides = torch.nn.ModuleDict({"user": user, "item": item})

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows by the side's own network."""
        encoded: Tensor = self.sides[side].encode(rows)  # type: ignore[operator]
        return encoded

    def decoded(self, kind: str) -> dict[str, Any]:
        """Sides that have a decoder of a kind, "linear" or "words"."""
        found: dict[str, Any] = {side: self.sides[side] for side in SIDES}
        return {
            side: network
            for side, network in found.items()
            if network.decoder is not None and network.decoder.kind == kind
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays of both sides, named after them."""
        return {
            f"{side}_{name}": array
            for side in SIDES
            for name, array in self.sides[side].arrays().items()  # type: ignore[operator]
        }
