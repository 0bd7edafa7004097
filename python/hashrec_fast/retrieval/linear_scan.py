# SPDX-License-Identifier: Apache-2.0
"""Exact search by scanning all codes ("Hamming ranking")."""

from __future__ import annotations

from hashrec_fast.retrieval.code_index import CodeIndex
from hashrec_fast.retrieval.similarity_search import SimilaritySearch


class LinearScan(SimilaritySearch, CodeIndex):
    """Exact nearest codes in Hamming distance, by comparing a query with every code.

    Results are ordered by (distance, id) and are the same for every SIMD level, number of threads
    and batch of queries.

    Parameters
    ----------
    n_bits : int
        Length of the codes, 1 to 4096.
    num_threads : int
        Threads that searches use, 0 = all.

    Raises
    ------
    TypeError, ValueError
        If a parameter is no integer or out of range.

    Examples
    --------
    >>> import numpy as np
    >>> index = LinearScan(n_bits=8)
    >>> index.add(np.array([[0b1111], [0b0001], [0b1000]], np.uint64))
    >>> distances, ids = index.search(np.array([[0b0000]], np.uint64), k=2)
    >>> distances, ids
    (array([[1, 1]], dtype=int32), array([[1, 2]]))
    """
