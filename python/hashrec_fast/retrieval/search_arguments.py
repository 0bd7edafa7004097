# SPDX-License-Identifier: Apache-2.0
"""Checks of the arguments of :mod:`hashrec_fast.retrieval.similarity_search`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_int


def as_finite_float32(values: ArrayLike, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """``values`` as C-contiguous float32 of ``shape``, -1 = any extent, or raise.

    Raises
    ------
    TypeError
        If the values are no real numbers.
    ValueError
        If the shape differs, or a value is NaN or beyond the range of float32.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be real numbers, got {array.dtype}")
    fits = array.ndim == len(shape) and all(
        wanted in (-1, extent) for wanted, extent in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("*" if extent < 0 else str(extent) for extent in shape)
        comma = "," if len(shape) == 1 else ""
        raise ValueError(f"{name} must have shape ({wanted}{comma}), got {array.shape}")
    with np.errstate(over="ignore"):
        floats = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(floats).all():
        raise ValueError(f"{name} must be finite float32 values, got NaN, infinity or too large")
    return floats


def check_real_queries(queries: ArrayLike, n_bits: int, name: str) -> NDArray[np.float32]:
    """Real queries as float32 (n_queries, n_bits)."""
    return as_finite_float32(queries, name, (-1, n_bits))


def check_weights(weights: ArrayLike, n_queries: int, n_bits: int) -> NDArray[np.float32]:
    """Weights >= 0 as float32, shape (n_bits,) or (n_queries, n_bits)."""
    per_query = np.ndim(weights) == 2
    shape = (n_queries, n_bits) if per_query else (n_bits,)
    array = as_finite_float32(weights, "weights", shape)
    if array.size and array.min() < 0:
        raise ValueError(f"weights must be >= 0, got {array.min()}")
    return array


def check_item_bias(item_bias: ArrayLike, n_rows: int) -> NDArray[np.float32]:
    """Biases as float32, one per code."""
    return as_finite_float32(item_bias, "item_bias", (n_rows,))


def check_blocks(blocks: object, n_bits: int) -> NDArray[np.int64]:
    """Widths of layers as int64, or raise ``TypeError``/``ValueError``."""
    if isinstance(blocks, (str, bytes)) or not isinstance(blocks, (Sequence, np.ndarray)):
        raise TypeError(f"blocks must be a sequence of integers, got {blocks!r}")
    layers = [check_int(bits, f"blocks[{i}]", minimum=1) for i, bits in enumerate(blocks)]
    if sum(layers) != n_bits:
        raise ValueError(f"blocks must add up to n_bits={n_bits}, got {layers}")
    return np.array(layers, dtype=np.int64)
