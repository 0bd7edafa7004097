# SPDX-License-Identifier: Apache-2.0
"""Base of the two indexes with bucket tables: building late, and facts about the buckets."""

from __future__ import annotations

import threading
from abc import abstractmethod
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.tables import Occupancy
from hashrec_fast.retrieval.code_index import CodeIndex
from hashrec_fast.types import AllowInput, ExcludeInput

Built = TypeVar("Built")


@dataclass(frozen=True)
class TableStatistics:
    """Facts about one bucket table.

    Attributes
    ----------
    key_bits : int
        Length of the keys; ``2 ** key_bits`` buckets are possible.
    n_buckets : int
        Buckets that hold a code.
    largest_bucket : int
        Codes in the fullest bucket.
    mean_bucket : float
        Codes per bucket that holds any; 0 without codes.
    n_bytes : int
        Memory of the table, without the codes.
    """

    key_bits: int
    n_buckets: int
    largest_bucket: int
    mean_bucket: float
    n_bytes: int

    @classmethod
    def of(cls, table: Occupancy, n_rows: int) -> Self:
        """Facts from the core's description of a table of ``n_rows`` codes."""
        return cls(mean_bucket=n_rows / max(table["n_buckets"], 1), **table)


@dataclass(frozen=True)
class SearchStatistics:
    """Work of a search, one entry per query.

    Attributes
    ----------
    lookups : ndarray of int64, shape (n_queries,)
        Buckets asked for, empty ones included.
    candidates : ndarray of int64, shape (n_queries,)
        Codes taken from them. :class:`MultiIndex` counts a code once for every table.
    radius : ndarray of int64, shape (n_queries,)
        Key distance of the last probe that was finished, -1 for none.
    scanned : ndarray of bool, shape (n_queries,)
        Whether the answer came from a scan of all codes.
    """

    lookups: NDArray[np.int64]
    candidates: NDArray[np.int64]
    radius: NDArray[np.int64]
    scanned: NDArray[np.bool_]


class TableIndex(CodeIndex, Generic[Built]):
    """An index that builds tables of its codes when a search first needs them."""

    def __init__(self, n_bits: int, num_threads: int) -> None:
        super().__init__(n_bits, num_threads)
        self._tables: Built | None = None
        self._lock = threading.Lock()

    @abstractmethod
    def _make_tables(self) -> Built:
        """Tables of all codes; the object holds on to the array of codes."""

    def _built(self) -> Built:
        with self._lock:  # threads that come meanwhile wait for the one that builds
            if self._tables is None:
                self._tables = self._make_tables()
            return self._tables

    def _changed(self) -> None:
        with self._lock:
            self._tables = None

    def search_stats(
        self,
        queries: NDArray[np.uint64],
        k: int,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> SearchStatistics:
        """Search as :meth:`search` does, and return what it took in place of what it found.

        Parameters
        ----------
        queries, k, exclude, allow
            As for :meth:`search`.

        Returns
        -------
        SearchStatistics
            Look-ups, candidates and radius of each query.

        Raises
        ------
        TypeError, ValueError
            As :meth:`search`.
        """
        counts = self._search(queries, k, exclude, allow)[2]
        return SearchStatistics(counts[:, 0], counts[:, 1], counts[:, 2], counts[:, 3] != 0)
