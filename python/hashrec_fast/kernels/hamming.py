# SPDX-License-Identifier: Apache-2.0
"""Hamming distances of packed codes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core


def hamming(
    a: NDArray[np.uint64], b: NDArray[np.uint64], *, num_threads: int = 0
) -> NDArray[np.int32]:
    """Distances of the rows of ``a`` to the same rows of ``b``.

    Parameters
    ----------
    a, b : ndarray of uint64, shape (n, n_words)
        Packed codes, C-contiguous, padding bits zero.
    num_threads : int
        Threads to use, 0 = all.

    Returns
    -------
    ndarray of int32, shape (n,)
        Number of bits that differ.

    Raises
    ------
    TypeError
        If an argument is not an array.
    ValueError
        If dtype or memory order are wrong, or the shapes differ.

    Examples
    --------
    >>> hamming(np.array([[0b1100], [7]], np.uint64), np.array([[0b1010], [7]], np.uint64))
    array([2, 0], dtype=int32)
    """
    return _core.hamming(a, b, num_threads)


def hamming_matrix(
    a: NDArray[np.uint64], b: NDArray[np.uint64], *, num_threads: int = 0
) -> NDArray[np.int32]:
    """Distances of every row of ``a`` to every row of ``b``.

    For the nearest rows only, :class:`hashrec_fast.LinearScan` is faster and needs no matrix.

    Parameters
    ----------
    a : ndarray of uint64, shape (n, n_words)
        Packed codes, C-contiguous, padding bits zero.
    b : ndarray of uint64, shape (m, n_words)
        Packed codes of the same width.
    num_threads : int
        Threads to use, 0 = all.

    Returns
    -------
    ndarray of int32, shape (n, m)
        Number of bits that differ.

    Raises
    ------
    TypeError
        If an argument is not an array.
    ValueError
        If dtype or memory order are wrong, or the widths differ.

    Examples
    --------
    >>> codes = np.array([[0], [1], [3]], np.uint64)
    >>> hamming_matrix(codes[:2], codes)
    array([[0, 1, 2],
           [1, 0, 1]], dtype=int32)
    """
    return _core.hamming_matrix(a, b, num_threads)
