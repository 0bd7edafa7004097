# SPDX-License-Identifier: Apache-2.0
"""The encoder, the flow and the decoder of one side's interaction rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.towers.history_rows import on_grid
from hashrec_fast.towers.layers.planar_flow import PlanarFlow
from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor

    from hashrec_fast.towers.history import History


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


class HistorySide(Module):
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
        tower, act = self._tower, _activation(self._tower.activation)
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
        last, log_slope = self.carried(first)
        return last, Latent(mean, log_deviation, first, last, log_density - log_slope)

    def carried(self, first: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (n, n_bits) after the flow, and the log of its derivative."""
        if self.flow is None:
            return first, first.new_zeros(())
        last, log_slope = self.flow(first)
        return last, log_slope

    def decode(self, real: Tensor) -> Tensor:
        """Rows from their vectors, (n, width)."""
        if self.decoder is None:
            raise ValueError("the tower has no decoder; give History(decoder=(..))")
        act = _activation(self._tower.activation)
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


def _activation(name: str) -> Callable[[Tensor], Tensor]:
    return {"relu": torch.relu, "tanh": torch.tanh}[name]


def _chain(widths: tuple[int, ...]) -> torch.nn.ModuleList:
    pairs = itertools.pairwise(widths)
    return torch.nn.ModuleList([torch.nn.Linear(a, b) for a, b in pairs])


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().cpu().numpy())
