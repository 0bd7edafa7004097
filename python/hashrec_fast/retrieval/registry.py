# SPDX-License-Identifier: Apache-2.0
"""The kinds of index over codes, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.retrieval.code_index import CodeIndex
from hashrec_fast.retrieval.float_scan import FloatScan
from hashrec_fast.retrieval.hash_table import HashTable
from hashrec_fast.retrieval.linear_scan import LinearScan
from hashrec_fast.retrieval.multi_index import MultiIndex

INDEX_KINDS: dict[str, type[CodeIndex]] = {
    "linear_scan": LinearScan,
    "hash_table": HashTable,
    "multi_index": MultiIndex,
}


FACTOR_INDEX = "linear_scan"
"""The one kind of index over float factors."""

Index = CodeIndex | FloatScan


def create_index(kind: str, n_bits: int = 64, num_threads: int = 0) -> CodeIndex:
    """An empty index with default parameters.

    Parameters
    ----------
    kind : {"linear_scan", "hash_table", "multi_index"}
        Which index.
    n_bits : int
        Length of the codes, 1 to 4096.
    num_threads : int
        Threads that searches use, 0 = all.

    Raises
    ------
    ValueError
        If there is no such kind, or a number is out of range.

    Examples
    --------
    >>> create_index("multi_index", n_bits=32)
    MultiIndex(n_bits=32, n_tables=None, strategy='auto', ntotal=0)
    """
    if kind not in INDEX_KINDS:
        raise ValueError(f"index must be one of {tuple(INDEX_KINDS)}, got {kind!r}")
    return INDEX_KINDS[kind](n_bits=n_bits, num_threads=num_threads)


def index_of(kind: str, rows: NDArray[Any], n_bits: int, num_threads: int) -> Index:
    """An index over packed codes, uint64 (n, n_words), or over float factors (n, n_factors).

    Factors know ``kind="linear_scan"`` only.
    """
    if rows.dtype != np.uint64:
        if kind != FACTOR_INDEX:
            raise ValueError(f"index must be {FACTOR_INDEX!r} for factors, got {kind!r}")
        return FloatScan(rows)
    index = create_index(kind, n_bits, num_threads)
    index.add(rows)
    return index
