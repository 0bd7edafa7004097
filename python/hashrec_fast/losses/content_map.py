# SPDX-License-Identifier: Apache-2.0
"""A small network from content to codes, learnt in turn with them (DDL, DPH).

Everything runs on one thread: matrix products of several threads may round differently, and the
codes must not depend on the number of threads.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import embedding_bag

from hashrec_fast.contracts import FitContext, LinearTerm, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.linear_terms.network import network_arrays, network_inputs
from hashrec_fast.solvers.state import SignState
from hashrec_fast.torch_scope import torch_threads

Floats = NDArray[np.float64]

LEAST_STEPS = 100
"""Steps of a pass: the authors' pass of 10,000 items has so many, a small catalogue goes round."""


class ContentMap:
    """Network ``tanh(sigmoid(X W1 + b1) W2 + b2)`` for sparse ``X``, fitted by Adam.

    Parameters
    ----------
    inputs : csr_matrix (n_rows, n_features)
    n_bits : int
    term : ContentNetwork
    rng : numpy.random.Generator
        Draws the first weights and the order of the rows.
    """

    def __init__(
        self, inputs: sp.csr_matrix, n_bits: int, term: Any, rng: np.random.Generator
    ) -> None:
        self._inputs = sp.csr_matrix(inputs, dtype=np.float32)
        self._batch, self._rng = max(1, term.batch_size), rng
        sizes = (inputs.shape[1], term.hidden, n_bits)
        parameters: list[Tensor] = []
        for before, after in pairwise(sizes):
            bound = np.sqrt(6 / (before + after))
            drawn = rng.uniform(-bound, bound, (before, after)).astype(np.float32)
            parameters += [torch.from_numpy(drawn), torch.zeros(after)]
        self._layers = [parameter.requires_grad_(True) for parameter in parameters]
        self._adam = torch.optim.Adam(self._layers, lr=term.learning_rate)

    def _forward(self, rows: sp.csr_matrix) -> Tensor:
        w1, b1, w2, b2 = self._layers
        first = embedding_bag(
            torch.from_numpy(rows.indices.astype(np.int64)),
            w1,
            torch.from_numpy(rows.indptr.astype(np.int64)),
            mode="sum",
            per_sample_weights=torch.from_numpy(rows.data),
            include_last_offset=True,
        )
        return torch.tanh(torch.sigmoid(first + b1) @ w2 + b2)

    def train(self, codes: Floats, passes: int) -> None:
        """Lower the squared error to ``codes`` (n_rows, n_bits), ``LEAST_STEPS`` or more a pass."""
        targets = torch.from_numpy(codes.astype(np.float32))
        per_epoch = -(-len(codes) // self._batch)
        epochs = passes * -(-LEAST_STEPS // per_epoch)
        with torch_threads(1):
            for _ in range(epochs):
                order = self._rng.permutation(len(codes))
                for start in range(0, len(order), self._batch):
                    part = order[start : start + self._batch]
                    self._adam.zero_grad()
                    gap = self._forward(self._inputs[part]) - targets[torch.from_numpy(part)]
                    (gap**2).mean().backward()  # type: ignore[no-untyped-call]
                    self._adam.step()

    def predict(self) -> Floats:
        """Outputs for all rows, (n_rows, n_bits)."""
        step = 4096
        with torch_threads(1), torch.no_grad():
            parts = [
                self._forward(self._inputs[start : start + step]).numpy()
                for start in range(0, self._inputs.shape[0], step)
            ]
        return np.concatenate(parts).astype(np.float64)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Weights and biases, float32."""
        return tuple(layer.detach().numpy().copy() for layer in self._layers)


class NetworkLinearTerm:
    """Linear term of ``weight / 2 ||D - F(X)||^2``; one pass of fine-tuning after every round."""

    def __init__(
        self, side: str, features: tuple[sp.csr_matrix, ...], term: Any, state: SignState, rng: Any
    ) -> None:
        self.side, self._weight = side, term.weight
        self._map = ContentMap(network_inputs(features), state.n_bits, term, rng)
        self._fit(state, term.start_passes)

    def _fit(self, state: SignState, passes: int) -> None:
        self._map.train(_signs(state), passes)
        self._prediction = self._map.predict()

    def linear(self, states: States) -> RowLinear:
        """Outputs ``weight / 2 F(X)`` of the network."""
        rows = np.zeros(states[self.side].values.shape)
        rows[:, : states[self.side].n_bits] = self._weight / 2 * self._prediction
        return RowLinear(rows)

    def update(self, states: States) -> None:
        """Train for one pass towards the present codes."""
        self._fit(states[self.side], 1)

    def value(self, states: States) -> float:
        """The penalty itself."""
        gap = float(((_signs(states[self.side]) - self._prediction) ** 2).sum())
        return float(self._weight / 2 * gap)

    def export(self) -> dict[str, NDArray[Any]]:
        """The weights, by which items never seen are encoded."""
        return network_arrays(self.side, self._map.arrays())


def bind_network(term: Any, states: States, context: FitContext) -> list[LinearTerm]:
    """The linear term of the items; several views stand side by side."""
    return [
        NetworkLinearTerm(side, context.side_info.features(side), term, states[side], context.rng)
        for side in sorted(term.sides)
    ]


def _signs(state: SignState) -> Floats:
    return state.real()[:, : state.n_bits]
