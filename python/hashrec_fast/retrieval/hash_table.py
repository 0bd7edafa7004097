# SPDX-License-Identifier: Apache-2.0
"""Approximate search by hash table lookup (survey section II-B-1)."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.kernels.tables import KeyTable
from hashrec_fast.retrieval.code_index import FoundInRange, FoundRows, RowQuery
from hashrec_fast.retrieval.tables import TableIndex, TableStatistics

Key = Literal["first", "spread"]
_KEYS = get_args(Key)


class HashTable(TableIndex[KeyTable]):
    """Approximate nearest codes: only codes in buckets near the query's bucket are compared.

    Some bits of a code form its key, and codes of equal key share a bucket. A search probes the
    bucket of the query's key, then all buckets whose keys differ in one bit, in two, and so on. It
    stops after the first radius at which at least ``max(k, n_candidates)`` codes that may be
    returned were found, and after ``max_radius`` at the latest. The codes found are ranked by the
    distance of the whole codes, in the order (distance, id).

    The result is approximate: a near code whose key differs too much is not seen, so neighbours
    can be missed and lists can be shorter than ``k`` (filled up with -1). With
    ``max_radius >= key_bits`` and ``n_candidates >= ntotal`` every code is seen. ``within`` and
    ``range_search`` miss codes in the same way, unless ``max_radius`` is at least the distance
    asked for. Results do not depend on threads, batches or SIMD level.

    The table is built by the first search after a change, which therefore takes longer; threads
    that search meanwhile wait. ``max_radius`` and ``n_candidates`` are attributes that may be
    changed between searches.

    Parameters
    ----------
    n_bits : int
        Length of the codes, 1 to 4096.
    key_bits : int
        Bits of the key, 1 to 64; codes shorter than that are keys as a whole. A bucket then holds
        about ``ntotal / 2 ** key_bits`` codes, fewer or more where codes are not spread evenly.
    max_radius : int
        Largest key distance that is probed; there are ``key_bits`` choose ``r`` keys at
        distance ``r``.
    num_threads : int
        Threads used, 0 = all.
    n_candidates : int
        How many codes a query should be compared with at least, if they lie within
        ``max_radius``; more find more of the true neighbours.
    key : {"first", "spread"}
        Which bits: the first ones, or ones at even distances over the whole code.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of the wrong kind or out of range.

    References
    ----------
    .. [1] "Learning to Hash for Recommendation: A Survey", section II-B-1, hash table lookup.

    Examples
    --------
    >>> index = HashTable(n_bits=8, key_bits=4, max_radius=1)
    >>> index.add(np.array([[0b0000_1111], [0b0000_0001], [0b1111_0000]], np.uint64))
    >>> distances, ids = index.search(np.array([[0]], np.uint64), k=2)
    >>> distances, ids
    (array([[1, 4]], dtype=int32), array([[1, 2]]))
    """

    _PARAMETERS = ("key_bits", "max_radius", "n_candidates", "key")
    _gathers = False

    def __init__(
        self,
        n_bits: int = 64,
        key_bits: int = 16,
        max_radius: int = 2,
        num_threads: int = 0,
        *,
        n_candidates: int = 0,
        key: Key = "first",
    ) -> None:
        super().__init__(n_bits, num_threads)
        self._key_bits = check_int(key_bits, "key_bits", minimum=1, maximum=64)
        if key not in _KEYS:
            raise ValueError(f"key must be one of {_KEYS}, got {key!r}")
        self._key = key
        self.max_radius = check_int(max_radius, "max_radius", minimum=0, maximum=4096)
        self.n_candidates = check_int(n_candidates, "n_candidates", minimum=0, maximum=2**62)

    @property
    def key_bits(self) -> int:
        """Bits of the key, as given."""
        return self._key_bits

    @property
    def key(self) -> Key:
        """Choice of the bits of the code that form the key."""
        return self._key

    def _make_tables(self) -> KeyTable:
        return KeyTable(
            self._store.codes,
            self.n_bits,
            key_bits=min(self.key_bits, self.n_bits),
            is_spread=self.key == "spread",
            num_threads=self.num_threads,
        )

    def statistics(self) -> TableStatistics:
        """Occupancy of the buckets; builds the table if need be."""
        return TableStatistics.of(self._built().occupancy(), self.ntotal)

    def _radius(self) -> int:
        return check_int(self.max_radius, "max_radius", minimum=0, maximum=4096)

    def _search_rows(self, query: RowQuery) -> FoundRows:
        wanted = check_int(self.n_candidates, "n_candidates", minimum=0, maximum=2**62)
        return self._built().search(
            query.queries,
            query.k,
            max_radius=self._radius(),
            n_candidates=wanted,
            filters=query.filters,
            num_threads=self.num_threads,
        )

    def _within_rows(self, queries: NDArray[np.uint64], max_distance: int) -> FoundInRange:
        # All buckets up to max_radius are probed; if it is >= max_distance, nothing is missed.
        return self._built().within(
            queries, max_distance, max_radius=self._radius(), num_threads=self.num_threads
        )
