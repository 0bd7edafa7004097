# SPDX-License-Identifier: Apache-2.0
"""What the training loop asks of a tower's network."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.towers.base import TowerData

SIDES = ("user", "item")


class TowerNetwork(torch.nn.Module):
    """Base of all networks.

    Attributes
    ----------
    blocks : tuple of int
        Widths of the layers that a row consists of, one after the other; most towers have one.
    n_rows : dict
        Number of users and items.
    """

    def __init__(self, data: TowerData, blocks: tuple[int, ...] | None = None) -> None:
        super().__init__()
        self.blocks = blocks or (data.n_bits,)
        self.n_rows = {side: data.n_rows(side) for side in SIDES}
        if sum(self.blocks) != data.n_bits:
            raise ValueError(f"blocks must sum to {data.n_bits} bits, got {self.blocks}")

    def begin(self) -> None:
        """Do once per step what all rows share, such as a propagation over the whole graph."""

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Real vectors of some users or items.

        Parameters
        ----------
        side : {"user", "item"}
        rows : int64 tensor (n,)

        Returns
        -------
        tensor (n, n_bits)
        """
        raise NotImplementedError

    def encode_waiting(self, side: str, rows: Tensor) -> Tensor:
        """The same of a side that does not learn from this step, without a graph."""
        with torch.no_grad():
            return self.encode(side, rows)

    def base(self, side: str, rows: Tensor) -> Tensor:
        """The free parameters behind some rows, (n, width), which L2 penalties look at."""
        return self.encode(side, rows)

    def item_bias(self, rows: Tensor) -> Tensor | None:
        """What every user's score of some items holds besides the codes, by ``n_bits``; (n,)."""
        del rows
        return None

    def end(self) -> None:
        """Forget what :meth:`begin` made, so that no graph outlives its step."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What encoding new rows needs, kept with the model."""
        return {}


def table(n_rows: int, width: int, deviation: float) -> torch.nn.Parameter:
    """A normally distributed parameter (n_rows, width)."""
    return torch.nn.Parameter(torch.randn(n_rows, width) * deviation)
