# SPDX-License-Identifier: Apache-2.0
"""Encoders and decoders of interaction rows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.history_rows import on_grid
from hashrec_fast.towers.networks.base import SIDES, TowerNetwork
from hashrec_fast.towers.networks.flow import PlanarFlow

if TYPE_CHECKING:
    from hashrec_fast.towers.history import History

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


@dataclass(frozen=True, eq=False)
class Latent:
    """Distributions of some rows and one draw of each, all (n, n_bits).

    Attributes
    ----------
    mean, log_deviation : of the normal distribution
    first : the draw
    last : the draw after the flow
    log_density : of ``last``, by dimension
    """

    mean: Tensor
    log_deviation: Tensor
    first: Tensor
    last: Tensor
    log_density: Tensor


@dataclass(frozen=True, eq=False)
class Entries:
    """Stored entries of some rows: place of the row, column and value, all (nnz,)."""

    rows: Tensor
    columns: Tensor
    values: Tensor
    starts: Tensor


class SideNetwork(torch.nn.Module):
    """One side's encoder, its flow and its decoder."""

    def __init__(self, tower: History, width: int, n_bits: int) -> None:
        super().__init__()
        self._tower = tower
        first, *rest = tower.hidden
        self.table = torch.nn.Parameter(torch.randn(width, first) * tower.start_deviation)
        if not tower.start_deviation:
            torch.nn.init.xavier_uniform_(self.table)
        self.bias = torch.nn.Parameter(torch.zeros(first))
        self.layers = _chain((first, *rest))
        self.head = torch.nn.Linear(tower.hidden[-1], n_bits)
        self.deviation = torch.nn.Linear(tower.hidden[-1], n_bits) if tower.variational else None
        self.flow = PlanarFlow(tower.flow_steps, n_bits) if tower.flow_steps else None
        self.decoder = None if tower.decoder is None else _chain((n_bits, *tower.decoder, width))

    def encode(self, entries: Entries) -> tuple[Tensor, Latent | None]:
        """Real vectors, and the distributions they were drawn from."""
        tower, act = self._tower, ACTIVATIONS[self._tower.activation]
        values = functional.dropout(entries.values, tower.input_dropout)
        sums = functional.embedding_bag(
            entries.columns, self.table, entries.starts, mode="sum", per_sample_weights=values
        )
        hidden = act(sums + self.bias)
        for layer in self.layers:
            hidden = act(layer(hidden))
        hidden = functional.dropout(hidden, tower.dropout)
        mean: Tensor = self.head(hidden)
        if self.deviation is None:
            return mean, None
        log_deviation = functional.logsigmoid(self.deviation(hidden))
        noise = torch.randn_like(mean)
        first = mean + noise * log_deviation.exp()
        log_density = -0.5 * noise.square() - log_deviation - 0.5 * float(np.log(2 * np.pi))
        last = first
        if self.flow is not None:
            last, log_slope = self.flow(first)
            log_density = log_density - log_slope
        return last, Latent(mean, log_deviation, first, last, log_density)

    def decode(self, real: Tensor) -> Tensor:
        """Rows from their vectors, (n, width)."""
        if self.decoder is None:
            raise ValueError("the tower has no decoder; give History(decoder=(..))")
        act = ACTIVATIONS[self._tower.activation]
        for place, layer in enumerate(self.decoder):
            real = layer(act(real) if place else real)
        return real

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Weights (inputs, outputs), biases and the flow, on the grid of exact sums."""
        weights = [self.table, *(layer.weight.T for layer in (*self.layers, self.head))]
        biases = [self.bias, *(layer.bias for layer in (*self.layers, self.head))]
        found = {f"weight_{place}": on_grid(_numpy(x)) for place, x in enumerate(weights)}
        found |= {f"bias_{place}": on_grid(_numpy(x)) for place, x in enumerate(biases)}
        found["flow"] = np.zeros((0, 3, self.head.out_features), np.float32)
        if self.flow is not None:
            steps = torch.stack((self.flow.safe_u(), self.flow.w, self.flow.a), 1)
            found["flow"] = _numpy(steps)
        return found


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

    def begin(self) -> None:
        """Bring the weights to their grid once, where rows are exported."""
        self._exported = None if self.training else self.arrays()

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """A draw or the vector itself in training; exported rows as new ones are encoded."""
        if not self.training:
            arrays = self._exported or self.arrays()
            own = self._rows[side][rows.cpu().numpy()]
            return torch.from_numpy(self._tower.encode_rows(own, side, arrays)).to(rows.device)
        real, self._latent[side] = self._side(side).encode(self._shown(side, rows))
        return real

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


def _chain(widths: tuple[int, ...]) -> torch.nn.ModuleList:
    pairs = itertools.pairwise(widths)
    return torch.nn.ModuleList([torch.nn.Linear(a, b) for a, b in pairs])


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().cpu().numpy())
