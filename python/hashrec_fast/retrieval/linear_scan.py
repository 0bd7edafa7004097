# SPDX-License-Identifier: Apache-2.0
"""Exact search by scanning all codes ("Hamming ranking")."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast._utils import atomic_write, check_int
from hashrec_fast.kernels.packing import check_codes
from hashrec_fast.retrieval import index_file
from hashrec_fast.retrieval.code_store import CodeStore
from hashrec_fast.retrieval.filters import (
    RowLists,
    allow_rows,
    bitmap,
    exclude_rows,
    restrict_rows,
)
from hashrec_fast.retrieval.similarity import SimilaritySearch

Found = tuple[NDArray[np.int32], NDArray[np.int64]]
FoundInRange = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]

_MAX_K = 2**31 - 1
_GATHER_BELOW = 1 / 8  # if fewer rows than this are allowed, copying them out is cheaper


class LinearScan(SimilaritySearch):
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
    >>> index = LinearScan(n_bits=8)
    >>> index.add(np.array([[0b1111], [0b0001], [0b1000]], np.uint64))
    >>> distances, ids = index.search(np.array([[0b0000]], np.uint64), k=2)
    >>> distances, ids
    (array([[1, 1]], dtype=int32), array([[1, 2]]))
    """

    def __init__(self, n_bits: int = 64, num_threads: int = 0) -> None:
        self._store = CodeStore(n_bits)
        self.num_threads = check_int(num_threads, "num_threads", minimum=0, maximum=4096)

    @classmethod
    def from_store(cls, store: CodeStore, num_threads: int = 0) -> LinearScan:
        """An index over a store, which it then owns."""
        index = cls(store.n_bits, num_threads)
        index._store = store
        return index

    @classmethod
    def from_bytes(cls, content: bytes, num_threads: int = 0) -> LinearScan:
        """An index from ``bytes(index)``.

        Parameters
        ----------
        content : bytes
            What ``bytes(index)`` gave.
        num_threads : int
            Threads that searches use, 0 = all.

        Raises
        ------
        ValueError
            If the bytes are no such index.
        """
        kind, store = index_file.from_bytes(content, "content")
        if kind != cls.__name__:
            raise ValueError(f"content must be a {cls.__name__}, got a {kind}")
        return cls.from_store(store, num_threads)

    @property
    def n_bits(self) -> int:
        """Length of the codes."""
        return self._store.n_bits

    @property
    def ntotal(self) -> int:
        """Number of codes."""
        return len(self._store)

    def __len__(self) -> int:
        return self.ntotal

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_bits={self.n_bits}, ntotal={self.ntotal})"

    def __bytes__(self) -> bytes:
        return b"".join(index_file.chunks(type(self).__name__, self._store))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (bytes(self), self.num_threads)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the index as a safetensors file, read again by :func:`load_index`.

        A crash on the way leaves an old file untouched.

        Parameters
        ----------
        path : str or path-like
            The file; its folder must exist.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        with atomic_write(path) as stream:
            for chunk in index_file.chunks(type(self).__name__, self._store):
                stream.write(chunk)

    def add(self, codes: NDArray[np.uint64], ids: Any = None) -> None:
        """Add codes. If an argument is wrong, nothing is added.

        Parameters
        ----------
        codes : ndarray of uint64, shape (n, n_words)
            Packed codes, C-contiguous, padding bits zero; copied.
        ids : array_like of int, shape (n,), optional
            Own ids, >= 0, unique. By default ids continue after the largest one ever given out,
            which is ``ntotal`` as long as nothing was removed.

        Raises
        ------
        TypeError
            If ``codes`` is not an array or ids are no integers.
        ValueError
            If dtype, shape or memory order are wrong, padding bits are set, or an id is negative,
            repeated or already there.
        """
        self._store.add(codes, ids)

    def remove(self, ids: Any) -> int:
        """Remove codes by id; the other ids stay as they are.

        Parameters
        ----------
        ids : array_like of int, shape (n,)
            Ids in the index, each once.

        Returns
        -------
        int
            How many codes were removed.

        Raises
        ------
        TypeError
            If ids are no integers.
        ValueError
            If an id is unknown or repeated.
        """
        return self._store.remove(ids)

    def reconstruct(self, ids: Any) -> NDArray[np.uint64]:
        """Codes of ids.

        Parameters
        ----------
        ids : array_like of int, shape (n,)
            Ids in the index, in any order, repeats allowed.

        Returns
        -------
        ndarray of uint64, shape (n, n_words)
            A copy.

        Raises
        ------
        TypeError
            If ids are no integers.
        ValueError
            If an id is unknown.
        """
        return self._store.codes[self._store.id_map.known_rows(ids, "ids")]

    def search(
        self, queries: NDArray[np.uint64], k: int, exclude: Any = None, allow: Any = None
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
        check_codes(queries, self.n_bits, "queries")
        k = check_int(k, "k", minimum=1, maximum=_MAX_K)
        id_map = self._store.id_map
        excluded = exclude_rows(exclude, len(queries), id_map)
        allowed = allow_rows(allow, id_map)
        codes = self._store.codes
        if allowed is not None and np.count_nonzero(allowed) < _GATHER_BELOW * len(codes):
            rows = np.flatnonzero(allowed)
            excluded = restrict_rows(excluded, rows, len(codes))
            distances, places = self._scan(codes[rows], queries, k, excluded, None)
            found = np.full_like(places, -1)
            found[places >= 0] = rows[places[places >= 0]]
        else:
            bits = None if allowed is None else bitmap(allowed)
            distances, found = self._scan(codes, queries, k, excluded, bits)
        return distances, id_map.ids_of(found)

    def _scan(
        self,
        codes: NDArray[np.uint64],
        queries: NDArray[np.uint64],
        k: int,
        excluded: RowLists | None,
        allowed: NDArray[np.uint64] | None,
    ) -> Found:
        indptr, rows = (None, None) if excluded is None else excluded
        return _core.scan_search(
            codes, self.n_bits, queries, k, indptr, rows, allowed, self.num_threads
        )

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
        limits, distances, rows = _core.scan_within(
            self._store.codes,
            self.n_bits,
            queries,
            min(max_distance, self.n_bits),
            self.num_threads,
        )
        return limits, distances, self._store.id_map.ids_of(rows)
