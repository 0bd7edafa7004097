# SPDX-License-Identifier: Apache-2.0
"""Arguments of the searches in :mod:`hashrec_fast.retrieval.similarity`, checked."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.retrieval.code_store import CodeStore
from hashrec_fast.retrieval.filters import allow_rows, bitmap, exclude_rows, restrict_rows

_MAX_K = 2**31 - 1
_GATHER_BELOW = 1 / 8  # if fewer rows than this are allowed, copying them out is cheaper

Filters = tuple[NDArray[np.int64] | None, NDArray[np.int32] | None, NDArray[np.uint64] | None]
T = TypeVar("T", bound=np.generic)


def as_finite_float32(values: Any, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
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


def check_real_queries(queries: Any, n_bits: int, name: str) -> NDArray[np.float32]:
    """Real queries as float32 (n_queries, n_bits)."""
    return as_finite_float32(queries, name, (-1, n_bits))


def check_weights(weights: Any, n_queries: int, n_bits: int) -> NDArray[np.float32]:
    """Weights >= 0 as float32, shape (n_bits,) or (n_queries, n_bits)."""
    per_query = np.ndim(weights) == 2
    shape = (n_queries, n_bits) if per_query else (n_bits,)
    array = as_finite_float32(weights, "weights", shape)
    if array.size and array.min() < 0:
        raise ValueError(f"weights must be >= 0, got {array.min()}")
    return array


def check_item_bias(item_bias: Any, n_rows: int) -> NDArray[np.float32]:
    """Biases as float32, one per code."""
    return as_finite_float32(item_bias, "item_bias", (n_rows,))


class Narrowed:
    """The rows of a store that one search may return.

    Parameters
    ----------
    store : CodeStore
        Codes and ids.
    n_queries : int
        Number of queries.
    k : int
        Length of each list.
    exclude, allow
        As in ``LinearScan.search``.

    Raises
    ------
    TypeError, ValueError
        As ``LinearScan.search``.
    """

    def __init__(self, store: CodeStore, n_queries: int, k: Any, exclude: Any, allow: Any) -> None:
        self.k = check_int(k, "k", minimum=1, maximum=_MAX_K)
        self._id_map = store.id_map
        self._rows: NDArray[np.int64] | None = None
        self.codes = store.codes
        excluded = exclude_rows(exclude, n_queries, self._id_map)
        allowed = allow_rows(allow, self._id_map)
        bits = None
        if allowed is not None and np.count_nonzero(allowed) < _GATHER_BELOW * len(self.codes):
            self._rows = np.flatnonzero(allowed)
            excluded = restrict_rows(excluded, self._rows, len(self.codes))
            self.codes = self.codes[self._rows]
        elif allowed is not None:
            bits = bitmap(allowed)
        indptr, rows = (None, None) if excluded is None else excluded
        self.filters: Filters = (indptr, rows, bits)

    def of_rows(self, values: NDArray[T]) -> NDArray[T]:
        """One value per row of ``codes`` from one value per row of the store."""
        return values if self._rows is None else values[self._rows]

    def ids_of(self, found: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ids of rows of ``codes``; -1 stays -1."""
        if self._rows is not None:
            rows = np.full_like(found, -1)
            rows[found >= 0] = self._rows[found[found >= 0]]
            found = rows
        return self._id_map.ids_of(found)
