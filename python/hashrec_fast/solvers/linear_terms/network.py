# SPDX-License-Identifier: Apache-2.0
"""The forward pass of a content network from its saved arrays; no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

LAYERS = ("weight_1", "bias_1", "weight_2", "bias_2")


def network_inputs(features: tuple[sp.csr_matrix, ...]) -> sp.csr_matrix:
    """Views side by side, every row divided by its largest absolute value."""
    matrix = sp.hstack(features, format="csr")
    largest = np.asarray(abs(matrix).max(axis=1).todense()).ravel()
    return sp.csr_matrix(sp.diags(1.0 / np.where(largest > 0, largest, 1.0)) @ matrix)


def network_arrays(side: str, layers: tuple[NDArray[Any], ...]) -> dict[str, NDArray[Any]]:
    """Names under which the layers are saved."""
    return {f"{side}_{name}": array for name, array in zip(LAYERS, layers, strict=True)}


def encode_network(
    features: tuple[sp.csr_matrix, ...], side: str, arrays: Mapping[str, NDArray[Any]]
) -> NDArray[np.float64]:
    """Outputs ``tanh(sigmoid(X W1 + b1) W2 + b2)`` for new rows, float64 (n, n_bits)."""
    w1, b1, w2, b2 = (arrays[f"{side}_{name}"].astype(np.float64) for name in LAYERS)
    # sigmoid(x) = (1 + tanh(x / 2)) / 2, which cannot overflow
    hidden = (1 + np.tanh((network_inputs(features) @ w1 + b1) / 2)) / 2
    return np.asarray(np.tanh(hidden @ w2 + b2))
