# SPDX-License-Identifier: Apache-2.0
"""Searches as all indexes offer them: checks, filters and ids around rows found by the core."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.kernels.packing import check_codes
from hashrec_fast.kernels.search import RowFilters, scan_search, scan_within
from hashrec_fast.retrieval.search_scope import SearchScope
from hashrec_fast.retrieval.stored_index import StoredIndex
from hashrec_fast.types import AllowInput, ExcludeInput

Found = tuple[NDArray[np.int32], NDArray[np.int64]]
FoundInRange = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]
Counts = NDArray[np.int64]
"""One row per query: look-ups, candidates, radius, whether scanned."""

FoundRows = tuple[NDArray[np.int32], NDArray[np.int64], Counts]

SCANNED = np.array([[0, 0, -1, 1]], dtype=np.int64)
"""Counts of a query that was scanned: look-ups, candidates, radius, whether scanned."""


class RowQuery(NamedTuple):
    """A checked search, in rows."""

    queries: NDArray[np.uint64]
    k: int
    filters: RowFilters


class CodeIndex(StoredIndex):
    """Base of all indexes that can be searched: by a scan, unless a subclass has tables."""

    _gathers = True
    """Whether a search among few allowed codes may scan them alone."""

    def _search_rows(self, query: RowQuery) -> FoundRows:
        """Distances and rows, (n_queries, k) each, and counts per query."""
        return self._scan(self._store.codes, query)

    def _within_rows(self, queries: NDArray[np.uint64], max_distance: int) -> FoundInRange:
        """Limits, distances and rows; ``max_distance`` is from -1 to ``n_bits``."""
        return scan_within(
            self._store.codes, self.n_bits, queries, max_distance, num_threads=self.num_threads
        )

    def search(
        self,
        queries: NDArray[np.uint64],
        k: int,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> Found:
        """The ``k`` nearest codes of each query (distances first, as in faiss).

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
            Packed codes, C-contiguous, padding bits zero.
        k : int
            Length of each list, at least 1; may exceed ``ntotal``.
        exclude : CSR matrix of shape (n_queries, n_ids) or pair (indptr, ids), optional
            Ids that each query must not return, such as items already seen. Every stored entry
            counts, whatever its value. Ids of removed codes are ignored; with own ids, so are
            all ids the index does not hold.
        allow : bool array or array of int, optional
            Ids that may be returned at all: a mask with one entry for each id up to the largest
            one given out, or the ids themselves.

        Returns
        -------
        distances : ndarray of int32, shape (n_queries, k)
            Rising; -1 where fewer than ``k`` codes are left.
        ids : ndarray of int64, shape (n_queries, k)
            Rising among equal distances; -1 where there is none.

        Raises
        ------
        TypeError
            If an argument is of the wrong kind.
        ValueError
            If ``queries`` are no valid codes of ``n_bits``, ``k < 1``, or ``exclude`` or ``allow``
            have the wrong shape or hold an id that was never given out.
        """
        return self._search(queries, k, exclude, allow)[:2]

    def best(
        self,
        queries: NDArray[np.uint64],
        k: int,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The ``k`` best codes by inner product of the signs, ``n_bits - 2 * distance``.

        Parameters
        ----------
        queries, k, exclude, allow
            As in :meth:`search`.

        Returns
        -------
        scores : ndarray of float32, shape (n_queries, k)
            Falling; -inf where fewer than ``k`` codes are left.
        ids : ndarray of int64, shape (n_queries, k)
            Rising among equal scores; -1 where there is none.

        Raises
        ------
        TypeError, ValueError
            As :meth:`search`.
        """
        distances, ids = self.search(queries, k, exclude, allow)
        scores = (self.n_bits - 2 * distances).astype(np.float32)
        return np.where(ids >= 0, scores, np.float32(-np.inf)), ids

    def _search(
        self,
        queries: NDArray[np.uint64],
        k: int,
        exclude: ExcludeInput | None,
        allow: AllowInput | None,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], Counts]:
        check_codes(queries, self.n_bits, "queries")
        scope = SearchScope(self._store, len(queries), k, exclude, allow, gather=self._gathers)
        query = RowQuery(queries, scope.k, scope.filters)
        if scope.is_gathered:
            distances, rows, counts = self._scan(scope.codes, query)
        else:
            distances, rows, counts = self._search_rows(query)
        return distances, scope.ids_of(rows), counts

    def _scan(self, codes: NDArray[np.uint64], query: RowQuery) -> FoundRows:
        distances, rows = scan_search(
            codes,
            self.n_bits,
            query.queries,
            query.k,
            filters=query.filters,
            num_threads=self.num_threads,
        )
        return distances, rows, np.tile(SCANNED, (len(query.queries), 1))

    def range_search(self, queries: NDArray[np.uint64], radius: int) -> FoundInRange:
        """All codes at distance < ``radius``, as in faiss; see :meth:`within`.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
            Packed codes, C-contiguous, padding bits zero.
        radius : int
            Distances below this are returned, at least 0.

        Returns
        -------
        lims, distances, ids
            As :meth:`within`.

        Raises
        ------
        TypeError, ValueError
            As :meth:`within`.
        """
        return self._within(queries, check_int(radius, "radius", minimum=0) - 1)

    def within(self, queries: NDArray[np.uint64], max_distance: int) -> FoundInRange:
        """All codes at distance <= ``max_distance``.

        Parameters
        ----------
        queries : ndarray of uint64, shape (n_queries, n_words)
            Packed codes, C-contiguous, padding bits zero.
        max_distance : int
            The largest distance wanted, at least 0.

        Returns
        -------
        lims : ndarray of int64, shape (n_queries + 1,)
            Query ``i`` has the results ``lims[i]:lims[i + 1]``.
        distances : ndarray of int32, shape (lims[-1],)
            Rising within a query.
        ids : ndarray of int64, shape (lims[-1],)
            Rising among equal distances.

        Raises
        ------
        TypeError
            If an argument is of the wrong kind.
        ValueError
            If ``queries`` are no valid codes of ``n_bits`` or the distance is negative.
        """
        return self._within(queries, check_int(max_distance, "max_distance", minimum=0))

    def _within(self, queries: NDArray[np.uint64], max_distance: int) -> FoundInRange:
        check_codes(queries, self.n_bits, "queries")
        lims, distances, rows = self._within_rows(queries, min(max_distance, self.n_bits))
        return lims, distances, self._store.id_map.ids_of(rows)
