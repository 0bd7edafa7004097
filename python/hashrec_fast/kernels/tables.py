# SPDX-License-Identifier: Apache-2.0
"""Built bucket tables, searched in rows; each holds on to the array of codes it points into.

Arguments are checked as in :mod:`hashrec_fast.kernels.search`, with the same exceptions. Searches
may run at the same time in many threads.
"""

from __future__ import annotations

from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.kernels.search import NO_FILTERS, RowFilters, WithinDistance

TableUse = Literal["auto", "tables", "scan"]

Probed = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]
"""Distances and rows, (n_queries, k) each, and counts, (n_queries, 4): look-ups, candidates, radius
of the last finished probe (-1 for none), whether scanned."""


class Occupancy(TypedDict):
    """Facts about one table: ``n_buckets`` hold a code; ``n_bytes`` without the codes."""

    key_bits: int
    n_buckets: int
    largest_bucket: int
    n_bytes: int


class KeyTable:
    """Buckets by some bits of the codes, probed at growing distance from a query's key.

    Parameters
    ----------
    codes : ndarray of uint64, shape (n_rows, n_words)
    n_bits : int
    key_bits : int
        From 1 to ``min(n_bits, 64)``.
    is_spread : bool
        Whether the key's bits lie at even distances over the code; else they are the first ones.
    num_threads : int
        Threads that build the table, 0 = all.

    Examples
    --------
    >>> codes = np.array([[0b0000_1111], [0b0000_0001], [0b1111_0000]], np.uint64)
    >>> table = KeyTable(codes, 8, key_bits=4)
    >>> table.search(np.array([[0]], np.uint64), 2, max_radius=1)[:2]
    (array([[1, 4]], dtype=int32), array([[1, 2]]))
    """

    def __init__(
        self,
        codes: NDArray[np.uint64],
        n_bits: int,
        *,
        key_bits: int,
        is_spread: bool = False,
        num_threads: int = 0,
    ) -> None:
        self._table = _core.HashTable(codes, n_bits, key_bits, is_spread, num_threads)

    def search(
        self,
        queries: NDArray[np.uint64],
        k: int,
        *,
        max_radius: int,
        n_candidates: int = 0,
        filters: RowFilters = NO_FILTERS,
        num_threads: int = 0,
    ) -> Probed:
        """The ``k`` nearest codes found until ``max(k, n_candidates)`` of them are seen.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
        k : int
        max_radius : int
            Largest key distance that is probed.
        n_candidates : int
        filters : RowFilters
        num_threads : int
            Threads to use, 0 = all.
        """
        return self._table.search(queries, k, max_radius, n_candidates, *filters, num_threads)

    def within(
        self,
        queries: NDArray[np.uint64],
        max_distance: int,
        *,
        max_radius: int,
        num_threads: int = 0,
    ) -> WithinDistance:
        """All codes at distance <= ``max_distance`` whose keys are within ``max_radius``."""
        return self._table.within(queries, max_distance, max_radius, num_threads)

    def occupancy(self) -> Occupancy:
        """Facts about the buckets."""
        return self._table.occupancy()


class PieceTables:
    """One bucket table for each piece of the code; exact (Norouzi, Punjani and Fleet, CVPR 2012).

    The tables are built when a search first wants them.

    Parameters
    ----------
    codes : ndarray of uint64, shape (n_rows, n_words)
    n_bits : int
    n_tables : int
        From ``n_bits / 64`` to ``n_bits``; 0 for about one bucket per code.
    num_threads : int
        Threads that build the tables, 0 = all.

    Examples
    --------
    >>> codes = np.array([[0b1111], [0b0001], [0b1000]], np.uint64)
    >>> tables = PieceTables(codes, 8, n_tables=2)
    >>> tables.search(np.array([[0]], np.uint64), 2, use="tables")[:2]
    (array([[1, 1]], dtype=int32), array([[1, 2]]))
    """

    def __init__(
        self,
        codes: NDArray[np.uint64],
        n_bits: int,
        *,
        n_tables: int = 0,
        num_threads: int = 0,
    ) -> None:
        self._tables = _core.MultiIndex(codes, n_bits, n_tables, num_threads)

    def search(
        self,
        queries: NDArray[np.uint64],
        k: int,
        *,
        use: TableUse,
        filters: RowFilters = NO_FILTERS,
        num_threads: int = 0,
    ) -> Probed:
        """The ``k`` nearest codes; the same as by :func:`scan_search`.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
        k : int
        use : {"auto", "tables", "scan"}
            The tables while they promise to be faster, as long as they can help, or never.
        filters : RowFilters
        num_threads : int
            Threads to use, 0 = all.
        """
        return self._tables.search(queries, k, use, *filters, num_threads)

    def within(
        self,
        queries: NDArray[np.uint64],
        max_distance: int,
        *,
        use: TableUse,
        num_threads: int = 0,
    ) -> WithinDistance:
        """All codes at distance <= ``max_distance``."""
        return self._tables.within(queries, max_distance, use, num_threads)

    def build(self) -> None:
        """Build the tables now, if they are not there."""
        self._tables.build()

    def occupancy(self) -> list[Occupancy]:
        """Facts about each table; builds them if need be."""
        return list(self._tables.occupancy())
