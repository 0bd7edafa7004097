# SPDX-License-Identifier: Apache-2.0
"""A sparse matrix times a dense one: one step of propagation over a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast._utils import check_int


def csr_times_dense(
    indptr: NDArray[np.integer[Any]],
    indices: NDArray[np.integer[Any]],
    values: NDArray[np.float32],
    dense: NDArray[np.float32],
    *,
    num_threads: int = 0,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Product of a CSR matrix with a dense matrix, in float32.

    Each element is summed over the entries of its row in the order in which they are stored, every
    product rounded before it is added. The answer is the same, bit for bit, at every SIMD level and
    for every number of threads. Repeated columns in a row are added; infinities and NaN follow
    IEEE 754 and touch only the rows whose entries meet them.

    Parameters
    ----------
    indptr : ndarray of int64 or int32, shape (n_rows + 1,)
        Where each row begins; int64 is taken as it is, int32 is converted at every call.
    indices : ndarray of int32 or int64, shape (n_entries,)
        Columns in [0, n), in any order; int32 is taken as it is, int64 is converted.
    values : ndarray of float32, shape (n_entries,)
    dense : ndarray of float32, shape (n, dim)
        C-contiguous.
    num_threads : int
        Threads to use, 0 = all.
    out : ndarray of float32, shape (n_rows, dim), optional
        Where to write; must not overlap the inputs.

    Returns
    -------
    ndarray of float32, shape (n_rows, dim)
        ``out``, or a new array.

    Raises
    ------
    TypeError
        An argument is no array, or ``num_threads`` no integer.
    ValueError
        An array has the wrong dtype, shape or memory order, a column is out of range, the offsets
        fall or do not end at ``n_entries``, ``out`` is read-only or overlaps an input, or
        ``num_threads`` is negative.

    Examples
    --------
    >>> import numpy as np
    >>> indptr, indices = np.array([0, 2, 3]), np.array([0, 2, 1], np.int32)
    >>> values = np.array([1.0, 0.5, 2.0], np.float32)
    >>> dense = np.array([[1, 2], [3, 4], [10, 20]], np.float32)
    >>> csr_times_dense(indptr, indices, values, dense)
    array([[ 6., 12.],
           [ 6.,  8.]], dtype=float32)
    """
    num_threads = check_int(num_threads, "num_threads", minimum=0)
    offsets = _as_offsets(indptr)
    return _core.csr_times_dense(offsets, _as_ids(indices), values, dense, num_threads, out)


def _as_offsets(indptr: Any) -> NDArray[np.int64]:
    """int32 offsets, as scipy makes them, widened; the kernel judges everything else."""
    if isinstance(indptr, np.ndarray) and indptr.dtype == np.int32:
        return indptr.astype(np.int64)
    return indptr  # type: ignore[no-any-return]


def _as_ids(indices: Any) -> NDArray[np.int32]:
    """int64 ids scope; those beyond int32 become -1, which the kernel refuses by its row."""
    if isinstance(indices, np.ndarray) and indices.dtype == np.int64:
        largest = np.iinfo(np.int32).max
        return np.where((indices < 0) | (indices > largest), -1, indices).astype(np.int32)
    return indices  # type: ignore[no-any-return]
