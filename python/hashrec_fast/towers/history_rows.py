# SPDX-License-Identifier: Apache-2.0
"""The encoder of a history tower without torch, exact in whatever order sums are taken.

Weights are multiples of 2^-20 and inputs of layers of 2^-16, so that products and their sums are
exact in float64 (up to 2^17). A row's vector thus depends neither on the rows beside it nor on
threads or the BLAS at hand: codes of a training row and of an equal new one are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

WEIGHT_GRID = 2.0**20
INPUT_GRID = 2.0**16

Vector = NDArray[np.float64]


def _relu(x: Vector) -> Vector:
    return np.maximum(x, 0.0)


ACTIVATIONS: dict[str, Callable[[Vector], Vector]] = {"relu": _relu, "tanh": np.tanh}


def on_grid(weights: NDArray[Any]) -> NDArray[np.float32]:
    """Weights rounded to multiples of 2^-20, which float32 holds or rounds to such again."""
    return np.asarray(np.rint(weights.astype(np.float64) * WEIGHT_GRID) / WEIGHT_GRID, np.float32)


def encode_history(
    rows: sp.csr_matrix,
    side: str,
    arrays: Mapping[str, NDArray[Any]],
    activation: str,
    *,
    unit_rows: bool,
) -> NDArray[np.float32]:
    """Real vectors of rows.

    Parameters
    ----------
    rows : csr_matrix (n, width)
    side : {"user", "item"}
    arrays : mapping
        ``largest``, and by side ``{side}_weight_0`` (width, h), ``{side}_bias_0`` (h,), the same
        of further layers, and ``{side}_flow`` (steps, 3, n_bits) with u, w and a.
    activation : {"relu", "tanh"}
    unit_rows : bool
        Whether rows are divided by their length.

    Returns
    -------
    float32 (n, n_bits)
    """
    act = ACTIVATIONS[activation]
    inputs = sp.csr_matrix(rows, dtype=np.float64, copy=True)
    inputs.data = _grid(inputs.data / np.asarray(arrays["largest"]).item())
    layers = sum(name.startswith(f"{side}_weight_") for name in arrays)
    sums = np.asarray(inputs @ _wide(arrays[f"{side}_weight_0"]))
    if unit_rows:
        squares = np.asarray(inputs.multiply(inputs).sum(axis=1)).reshape(-1, 1)
        sums /= np.sqrt(np.where(squares > 0, squares, 1.0))
    sums += _wide(arrays[f"{side}_bias_0"])
    for layer in range(1, layers):
        weight, bias = (_wide(arrays[f"{side}_{name}_{layer}"]) for name in ("weight", "bias"))
        sums = _grid(act(sums)) @ weight + bias
    for u, w, a in _wide(arrays[f"{side}_flow"]):
        sums = sums + u / (1.0 + np.exp(-np.clip(w * sums + a, -500.0, 500.0)))
    return np.asarray(sums, dtype=np.float32)


def _grid(values: Vector) -> Vector:
    return np.asarray(np.rint(values * INPUT_GRID) / INPUT_GRID)


def _wide(array: NDArray[Any]) -> Vector:
    return np.asarray(array, dtype=np.float64)
