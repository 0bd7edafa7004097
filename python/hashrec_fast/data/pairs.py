# SPDX-License-Identifier: Apache-2.0
"""Checks on columns of (user, item) pairs, their numbering and the rule for repeated ones."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.data.side_info import check_range

Duplicates = Literal["last", "first", "error"]

_DTYPES = {
    "ratings": np.float32,
    "timestamps": np.int64,
    "positions": np.int64,
    "split": np.int8,
}


def number_ids(
    values: ArrayLike, name: str, n: int | None, labels: ArrayLike | None
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Turn one column of ids into row numbers and the label of every number."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"row {int(np.flatnonzero(np.isnan(array))[0])}: {name} is NaN")
    if labels is not None:
        ids = np.asarray(labels)
    elif n is not None:
        ids = np.arange(check_int(n, f"n_{name}", minimum=0), dtype=np.int64)
    else:
        known, numbers = np.unique(array, return_inverse=True)
        return numbers.astype(np.int64, copy=False), known
    if n is not None and len(ids) != n:
        raise ValueError(f"{len(ids)} labels were given for {n} {name}")
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{name} must be integer row numbers, got {array.dtype}")
    check_range(array, name, len(ids))
    return array.astype(np.int64, copy=False), ids


def value_column(column: ArrayLike, name: str, n: int) -> NDArray[Any]:
    """Check one column of numbers and give it the type it is stored in."""
    array = np.asarray(column)
    if array.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {array.shape}")
    if n and array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numbers, got {array.dtype}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array))[0])
        raise ValueError(f"row {row}: {name} must be finite, got {array[row]}")
    if name == "split":
        check_range(array, name, 3)
    return array.astype(_DTYPES[name])


def order_pairs(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: dict[str, NDArray[Any]],
    duplicates: Duplicates,
    n_items: int,
) -> tuple[NDArray[np.int64], int]:
    """Order the input rows by (user, item), each pair once, and count the dropped ones."""
    keys = rows * max(1, n_items) + columns
    when = values.get("timestamps", values.get("positions"))
    order = np.argsort(keys, kind="stable") if when is None else np.lexsort((when, keys))
    ranked = keys[order]
    repeated = ranked[1:] == ranked[:-1]
    n_repeats = int(np.count_nonzero(repeated))
    if n_repeats == 0:
        return order, 0
    if duplicates == "error":
        at = order[1:][repeated][0]
        raise ValueError(
            f"row {at}: user {rows[at]}, item {columns[at]} came before; {n_repeats} repeated "
            "pairs, pass duplicates='last' or 'first' to keep one of each"
        )
    none = np.zeros(1, np.bool_)
    dropped = np.r_[repeated, none] if duplicates == "last" else np.r_[none, repeated]
    return order[~dropped], n_repeats
