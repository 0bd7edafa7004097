# SPDX-License-Identifier: Apache-2.0
"""Encoders and decoders of interaction rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.base import SIDES, TowerNetwork
from hashrec_fast.towers.networks.history_side import Entries, Latent, SideNetwork

if TYPE_CHECKING:
    from hashrec_fast.towers.history import History


class HistoryNetwork(TowerNetwork):
    """``encode`` sends rows through the encoder; what terms want to know of them is kept."""

    def __init__(self, tower: History, data: TowerData) -> None:
        super().__init__(data)
        self._tower = tower
        values = sp.csr_matrix(data.user_items, dtype=np.float32)
        largest = float(np.abs(values.data).max(initial=0.0))
        self._largest = np.float32(largest or 1.0)
        self._rows = {"user": values, "item": values.T.tocsr()}
        self.sides = torch.nn.ModuleDict(
            {side: SideNetwork(tower, self._rows[side].shape[1], data.n_bits) for side in SIDES}
        )
        for side, rows in self._rows.items():
            for name, array in (("starts", rows.indptr), ("columns", rows.indices)):
                tensor = torch.from_numpy(array.astype(np.int64))
                self.register_buffer(f"{side}_{name}", tensor, persistent=False)
            shown = torch.from_numpy(rows.data / self._largest)
            self.register_buffer(f"{side}_values", shown, persistent=False)
        self._latent: dict[str, Latent | None] = {}
        self._exported: dict[str, NDArray[Any]] | None = None
        self._waiting: dict[str, tuple[Tensor, Tensor]] = {}

    def begin(self) -> None:
        """Bring the weights to their grid once, where rows are exported."""
        self._exported = None if self.training else self.arrays()

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """A draw or the vector itself in training; exported rows as new ones are encoded."""
        if not self.training:
            arrays = self._exported or self.arrays()
            own = self._rows[side][rows.cpu().numpy()]
            return torch.from_numpy(self._tower.encode_rows(own, side, arrays)).to(rows.device)
        self._waiting.pop(side, None)
        real, self._latent[side] = self._side(side).encode(self._shown(side, rows))
        return real

    def encode_waiting(self, side: str, rows: Tensor) -> Tensor:
        """Encoded once, until the side learns again: so long its weights stay as they are."""
        kept = self._waiting.get(side)
        if kept is None or not torch.equal(kept[0], rows):
            network = self._side(side)
            with torch.no_grad():
                real, latent = network.encode(self._shown(side, rows))
                if latent is not None and self._tower.waiting == "mean":
                    real = network.carried(latent.mean)[0]
            self._waiting[side] = kept = rows, real
        return kept[1]

    def latent(self, side: str) -> Latent:
        """Distributions of the rows of one side that the step encoded last."""
        latent = self._latent.get(side)
        if latent is None:
            raise ValueError("the tower draws no rows; give History(variational=True)")
        return latent

    def reconstruction_error(self, side: str, rows: Tensor, real: Tensor) -> Tensor:
        """Sum over rows and columns of ``(x - decoded)^2``, without a dense ``x``."""
        decoded, entries = self._side(side).decode(real), self._entries(side, rows)
        met = decoded[entries.rows, entries.columns]
        return decoded.square().sum() + (entries.values * (entries.values - 2 * met)).sum()

    def cosines(self, side: str, rows: Tensor) -> Tensor:
        """Cosines of the interaction rows themselves, (n, n)."""
        entries = self._entries(side, rows)
        dense = entries.values.new_zeros((len(rows), self._rows[side].shape[1]))
        dense[entries.rows, entries.columns] = entries.values
        dense = functional.normalize(dense)
        return dense @ dense.T

    def end(self) -> None:
        """Forget distributions and exported weights."""
        self._latent, self._exported = {}, None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Both encoders, and the largest value of training."""
        found = {"largest": np.asarray(self._largest)}
        for side in SIDES:
            found |= {f"{side}_{k}": v for k, v in self._side(side).arrays().items()}
        return found

    def _side(self, side: str) -> SideNetwork:
        network = self.sides[side]
        assert isinstance(network, SideNetwork)
        return network

    def _shown(self, side: str, rows: Tensor) -> Entries:
        """What the encoder sees of some rows."""
        entries = self._entries(side, rows)
        if not self._tower.unit_rows:
            return entries
        squares = entries.values.new_zeros(len(rows))
        squares.index_add_(0, entries.rows, entries.values.square())
        lengths = squares.sqrt().clamp(min=1e-12)
        values = entries.values / lengths[entries.rows]
        return Entries(entries.rows, entries.columns, values, entries.starts)

    def _entries(self, side: str, rows: Tensor) -> Entries:
        starts, columns, values = (
            getattr(self, f"{side}_{name}") for name in ("starts", "columns", "values")
        )
        counts = starts[rows + 1] - starts[rows]
        ends = counts.cumsum(0)
        owners = torch.repeat_interleave(torch.arange(len(rows), device=rows.device), counts)
        shift = starts[rows] - (ends - counts)
        places = torch.arange(len(owners), device=rows.device) + shift[owners]
        return Entries(owners, columns[places], values[places], ends - counts)
