# SPDX-License-Identifier: Apache-2.0
"""Checked CSR views of the train, test and mask arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.kernels.lists import RowLists
from hashrec_fast.types import CSRMatrix, Interactions


def as_user_items(source: Interactions, name: str) -> sp.csr_array:
    """Return ``source`` as a canonical float64 ``csr_array`` (rows ascend, no repeats).

    Every stored entry is an interaction, explicit zeros included. ``source`` is a scipy sparse
    matrix, or has one as ``.user_items``; the values are its ``.ratings`` where it has them.
    """
    matrix: Any = getattr(source, "user_items", source)
    if not sp.issparse(matrix) or matrix.ndim != 2:
        raise TypeError(
            f"{name} must be a two-dimensional scipy sparse matrix or have one as .user_items, "
            f"got {type(source).__name__}"
        )
    csr = sp.csr_array(matrix)
    values = np.array(_ratings(source, csr, name), np.float64)  # copies: sorting is in place
    result = sp.csr_array((values, csr.indices.copy(), csr.indptr), shape=csr.shape)
    result.sort_indices()
    repeats = np.flatnonzero(np.diff(pair_keys(result)) == 0)
    if len(repeats):
        user, item = divmod(int(pair_keys(result)[repeats[0]]), result.shape[1])
        raise ValueError(f"{name} holds user {user}, item {item} more than once")
    return result


def _ratings(source: Interactions, csr: sp.csr_array, name: str) -> NDArray[Any]:
    ratings = getattr(source, "ratings", None)
    if ratings is None:
        values = csr.data
    elif sp.issparse(ratings):
        other = sp.csr_array(ratings)
        same = other.shape == csr.shape and np.array_equal(other.indptr, csr.indptr)
        if not same or not np.array_equal(other.indices, csr.indices):
            raise ValueError(f"{name}.ratings must have the sparsity pattern of {name}.user_items")
        values = other.data
    else:
        values = np.asarray(ratings)
        if values.shape != csr.data.shape:
            raise ValueError(
                f"{name}.ratings must have one value for each of {csr.nnz} interactions, "
                f"got shape {values.shape}"
            )
    result: NDArray[Any] = values
    return result


def union_of_rows(first: sp.csr_array, second: sp.csr_array | None) -> sp.csr_array:
    """Return the pattern of both matrices, ascending and without repeats."""
    if second is None:
        return first
    ones = [
        sp.csr_array((np.ones(m.nnz), m.indices, m.indptr), shape=m.shape) for m in (first, second)
    ]
    total = sp.csr_array(ones[0] + ones[1])
    total.sort_indices()
    return total


def row_lists(matrix: CSRMatrix) -> RowLists:
    """Return ``(indptr, indices)`` in the dtypes of the kernels."""
    return (
        np.ascontiguousarray(matrix.indptr, np.int64),
        np.ascontiguousarray(matrix.indices, np.int32),
    )


def rows_of(lists: RowLists, begin: int, end: int) -> RowLists:
    """Return rows ``begin .. end - 1``."""
    indptr, indices = lists
    return indptr[begin : end + 1] - indptr[begin], indices[indptr[begin] : indptr[end]]


def row_of_entry(lists: RowLists) -> NDArray[np.int64]:
    """Return the row of each entry of ``indices``."""
    return np.repeat(np.arange(len(lists[0]) - 1), np.diff(lists[0]))


def pair_keys(matrix: CSRMatrix) -> NDArray[np.int64]:
    """Return ``user * n_items + item`` of each entry."""
    lists = row_lists(matrix)
    keys: NDArray[np.int64] = row_of_entry(lists) * matrix.shape[1] + lists[1]
    return keys


def check_disjoint(hidden: sp.csr_array, test: sp.csr_array, name: str) -> None:
    """Raise ``ValueError`` for the first test pair that ``hidden`` (train or mask) also holds."""
    n_items = test.shape[1]
    common = np.intersect1d(pair_keys(hidden), pair_keys(test), assume_unique=True)
    if len(common):
        user, item = divmod(int(common[0]), n_items)
        raise ValueError(
            f"test holds user {user}, item {item}, which {name} holds too "
            f"({len(common)} such pairs); a hidden item cannot be ranked"
        )
