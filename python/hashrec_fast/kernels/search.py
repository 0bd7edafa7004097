# SPDX-License-Identifier: Apache-2.0
"""Exact searches by a scan of all codes.

Every search returns a total order, best first and then by row, the same for every SIMD level,
number of threads and batch of queries. Codes are packed, uint64, C-contiguous, with zero padding
bits, ``n_words = ceil(n_bits / 64)`` words a row. All raise ``TypeError`` for what is no array or
no number, and ``ValueError`` for a wrong dtype, shape or memory order, ``n_bits`` outside 1..4096,
``k < 1``, or filters that do not fit the codes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core

Counted = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Distances and rows, (n_queries, k) each; -1 in both where fewer than ``k`` rows are left."""

Scored = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Scores and rows, (n_queries, k) each; infinite and -1 where fewer than ``k`` rows are left."""

WithinDistance = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]
"""Limits (n_queries + 1,), distances and rows: query ``i`` has ``limits[i]:limits[i + 1]``."""


class RowFilters(NamedTuple):
    """Rows that a search must not return.

    Attributes
    ----------
    exclude_indptr : int64 (n_queries + 1,) or None
    exclude_rows : int32 (n_entries,) or None
        CSR lists of each query's own excluded rows, strictly ascending; both or neither.
    allow : uint64 (ceil(n_rows / 64),) or None
        Bitmap of the rows that may be returned at all, first row lowest.
    """

    exclude_indptr: NDArray[np.int64] | None = None
    exclude_rows: NDArray[np.int32] | None = None
    allow: NDArray[np.uint64] | None = None


NO_FILTERS = RowFilters()


class CodeLayers(NamedTuple):
    """Scales that make layers of signs stand for real vectors.

    Attributes
    ----------
    query_scales : float32 (n_queries, n_layers)
    row_scales : float32 (n_rows, n_layers)
    blocks : int64 (n_layers,)
        Bits of each layer, at least 1 each, ``n_bits`` together.
    row_bias : float32 (n_rows,) or None
        Added to the scores of a row.
    """

    query_scales: NDArray[np.float32]
    row_scales: NDArray[np.float32]
    blocks: NDArray[np.int64]
    row_bias: NDArray[np.float32] | None = None


def scan_search(
    codes: NDArray[np.uint64],
    n_bits: int,
    queries: NDArray[np.uint64],
    k: int,
    *,
    filters: RowFilters = NO_FILTERS,
    num_threads: int = 0,
) -> Counted:
    """The ``k`` nearest codes of each query in Hamming distance.

    Parameters
    ----------
    codes : ndarray of uint64, shape (n_rows, n_words)
    n_bits : int
    queries : ndarray of uint64, shape (n_queries, n_words)
    k : int
    filters : RowFilters
    num_threads : int
        Threads to use, 0 = all.

    Returns
    -------
    distances, rows
        Rising by (distance, row).

    Examples
    --------
    >>> codes = np.array([[0b1111], [0b0001], [0b1000]], np.uint64)
    >>> scan_search(codes, 4, np.array([[0]], np.uint64), 2)
    (array([[1, 1]], dtype=int32), array([[1, 2]]))
    """
    return _core.scan_search(codes, n_bits, queries, k, *filters, num_threads)


def scan_within(
    codes: NDArray[np.uint64],
    n_bits: int,
    queries: NDArray[np.uint64],
    max_distance: int,
    *,
    num_threads: int = 0,
) -> WithinDistance:
    """All codes at a Hamming distance of at most ``max_distance``.

    Parameters
    ----------
    codes, n_bits, queries, num_threads
        As in :func:`scan_search`.
    max_distance : int
        Below zero finds nothing.

    Returns
    -------
    limits, distances, rows
        Rising by (distance, row) within a query.

    Examples
    --------
    >>> codes = np.array([[0b1111], [0b0001], [0b1000]], np.uint64)
    >>> scan_within(codes, 4, np.array([[0]], np.uint64), 1)
    (array([0, 2]), array([1, 1], dtype=int32), array([1, 2]))
    """
    return _core.scan_within(codes, n_bits, queries, max_distance, num_threads)


def scan_real(
    codes: NDArray[np.uint64],
    n_bits: int,
    queries: NDArray[np.float32],
    k: int,
    *,
    as_distance: bool,
    filters: RowFilters = NO_FILTERS,
    num_threads: int = 0,
) -> Scored:
    """The ``k`` best codes by inner product of their signs with real queries.

    Sums of four neighbouring terms ``(t0 + t1) + (t2 + t3)`` are added in rising order in float64
    and rounded to float32, where a sum beyond the range becomes the largest finite value.

    Parameters
    ----------
    codes, n_bits, k, filters, num_threads
        As in :func:`scan_search`.
    queries : ndarray of float32, shape (n_queries, n_bits)
        All finite.
    as_distance : bool
        Instead of the inner product, largest first: the sum of ``|q_i|`` over the bits whose signs
        differ from the query's, smallest first.

    Returns
    -------
    scores, rows

    Examples
    --------
    >>> codes, queries = np.array([[1], [3]], np.uint64), np.array([[2.0, -0.5]], np.float32)
    >>> scan_real(codes, 2, queries, 1, as_distance=False)
    (array([[2.5]], dtype=float32), array([[0]]))
    """
    return _core.scan_real(codes, n_bits, queries, as_distance, k, *filters, num_threads)


def scan_projected(
    codes: NDArray[np.uint64],
    n_bits: int,
    queries: NDArray[np.uint64],
    k: int,
    *,
    filters: RowFilters = NO_FILTERS,
    num_threads: int = 0,
) -> Counted:
    """The ``k`` codes of least projected dissimilarity ``popcount(query & ~code)``.

    Hansen et al., "Projected Hamming Dissimilarity for Bit-Level Importance Coding in Collaborative
    Filtering", WWW 2021.

    Parameters
    ----------
    codes, n_bits, queries, k, filters, num_threads
        As in :func:`scan_search`.

    Returns
    -------
    distances, rows
        Rising by (dissimilarity, row).

    Examples
    --------
    >>> codes = np.array([[0b0011], [0b1110]], np.uint64)
    >>> scan_projected(codes, 4, np.array([[0b0110]], np.uint64), 2)
    (array([[0, 1]], dtype=int32), array([[1, 0]]))
    """
    return _core.scan_projected(codes, n_bits, queries, k, *filters, num_threads)


def scan_biased(
    codes: NDArray[np.uint64],
    n_bits: int,
    queries: NDArray[np.uint64],
    k: int,
    *,
    row_bias: NDArray[np.float32],
    filters: RowFilters = NO_FILTERS,
    num_threads: int = 0,
) -> Scored:
    """The ``k`` best codes by ``n_bits - 2 * distance + bias``, one float32 addition.

    Parameters
    ----------
    codes, n_bits, queries, k, filters, num_threads
        As in :func:`scan_search`.
    row_bias : ndarray of float32, shape (n_rows,)
        All finite.

    Returns
    -------
    scores, rows
        Falling scores, rows rising among equal ones.

    Examples
    --------
    >>> codes, bias = np.array([[3], [1]], np.uint64), np.array([0.0, 2.5], np.float32)
    >>> scan_biased(codes, 4, np.array([[3]], np.uint64), 2, row_bias=bias)
    (array([[4.5, 4. ]], dtype=float32), array([[1, 0]]))
    """
    return _core.scan_biased(codes, n_bits, queries, row_bias, k, *filters, num_threads)


def scan_scaled(
    codes: NDArray[np.uint64],
    n_bits: int,
    queries: NDArray[np.uint64],
    k: int,
    *,
    layers: CodeLayers,
    filters: RowFilters = NO_FILTERS,
    num_threads: int = 0,
) -> Scored:
    """The ``k`` best codes by ``sum over layers of u_l * i_l * (blocks[l] - 2 * distance_l)``.

    Each term is rounded once to float64, the terms are added in rising order, then the bias, and
    the sum is rounded to float32. Chen et al. (BiGeaR), KDD 2022; XNOR-Net, ECCV 2016.

    Parameters
    ----------
    codes, n_bits, queries, k, filters, num_threads
        As in :func:`scan_search`.
    layers : CodeLayers
        ``ValueError`` unless its blocks are positive and add up to ``n_bits``.

    Returns
    -------
    scores, rows
        Falling scores, rows rising among equal ones.

    Examples
    --------
    >>> codes = np.array([[0b0011], [0b1111]], np.uint64)
    >>> scales = np.array([[1.0, 0.5], [0.25, 1.0]], np.float32)
    >>> layers = CodeLayers(np.array([[2.0, 1.0]], np.float32), scales, np.array([2, 2]))
    >>> scan_scaled(codes, 4, np.array([[0b1111]], np.uint64), 2, layers=layers)
    (array([[3., 3.]], dtype=float32), array([[0, 1]]))
    """
    of_queries, of_rows, blocks, bias = layers
    return _core.scan_scaled(
        codes, n_bits, queries, of_queries, of_rows, blocks, k, bias, *filters, num_threads
    )
