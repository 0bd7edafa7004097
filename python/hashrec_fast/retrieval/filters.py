# SPDX-License-Identifier: Apache-2.0
"""Filters ``exclude`` and ``allow`` of a search, checked and turned into rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.lists import RowLists, lists_rise
from hashrec_fast.retrieval.id_map import IdMap, Ids, check_id_array
from hashrec_fast.types import AllowInput, ExcludeInput


def exclude_rows(exclude: ExcludeInput | None, n_queries: int, id_map: IdMap) -> RowLists | None:
    """Rows that each query must not return.

    Parameters
    ----------
    exclude : CSR matrix of shape (n_queries, n_ids), (indptr, ids) pair, or None
        Every stored entry counts, whatever its value; entries of a row may be unsorted or repeated.
    n_queries : int
        Number of queries.
    id_map : IdMap
        Ids of the index; ids of removed rows are ignored.

    Raises
    ------
    TypeError
        If ``exclude`` is of another kind, or its ids are no integers.
    ValueError
        If the number of rows differs, ``indptr`` is inconsistent, or an id is negative or was
        never given out.
    """
    if exclude is None:
        return None
    usable = _usable_as_is(exclude, n_queries, id_map)
    if usable is not None:
        return usable
    indptr, ids = _lists_of(exclude, n_queries)
    id_map.check_issued(ids, "exclude")
    if id_map.n_rows > np.iinfo(np.int32).max:
        raise ValueError(f"exclude works up to 2**31 - 1 rows, got {id_map.n_rows}")
    rows = id_map.rows_of(ids)
    return _ascending(indptr, rows, n_queries, id_map.n_rows)


def _usable_as_is(exclude: Any, n_queries: int, id_map: IdMap) -> RowLists | None:
    """The lists of a CSR matrix whose sorted int32 columns are rows: the common, quick case."""
    if getattr(exclude, "format", None) != "csr" or id_map.ids is not None:
        return None
    rows = exclude.indices
    if exclude.shape[0] != n_queries or rows.dtype != np.int32 or not rows.flags.c_contiguous:
        return None
    offsets = np.ascontiguousarray(exclude.indptr, dtype=np.int64)
    return (offsets, rows) if lists_rise((offsets, rows), id_map.n_rows) else None


def _lists_of(exclude: Any, n_queries: int) -> tuple[NDArray[np.int64], Ids]:
    if getattr(exclude, "format", None) == "csr":
        if exclude.shape[0] != n_queries:
            raise ValueError(
                f"exclude must have one row per query, {n_queries}, got shape {exclude.shape}"
            )
        indptr, ids = exclude.indptr, exclude.indices
    elif isinstance(exclude, (tuple, list)) and len(exclude) == 2:
        indptr, ids = exclude
    else:
        raise TypeError(
            "exclude must be a scipy CSR matrix of shape (n_queries, n_ids) or a pair "
            f"(indptr, ids), got {type(exclude).__name__}"
        )
    ids = check_id_array(ids, "exclude ids")
    offsets = check_id_array(indptr, "exclude indptr")
    if len(offsets) != n_queries + 1:
        raise ValueError(
            f"exclude indptr must have n_queries + 1 = {n_queries + 1} entries, got {len(offsets)}"
        )
    if offsets[0] != 0 or offsets[-1] != len(ids) or np.any(offsets[1:] < offsets[:-1]):
        raise ValueError(f"exclude indptr must rise from 0 to {len(ids)}, the number of ids")
    return offsets, ids


def _ascending(indptr: NDArray[np.int64], rows: Ids, n_lists: int, n_rows: int) -> RowLists:
    """Drop rows < 0 and sort each list without repeats, only if need be."""
    rises = np.ones(len(rows), dtype=bool)
    rises[1:] = rows[1:] > rows[:-1]
    starts = indptr[:-1]
    rises[starts[starts < len(rows)]] = True
    if not rises.all() or (len(rows) and rows.min() < 0):
        lists = np.repeat(np.arange(n_lists, dtype=np.int64), np.diff(indptr))
        keys = np.sort((lists * n_rows + rows)[rows >= 0])
        keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
        lists, rows = np.divmod(keys, max(n_rows, 1))
        indptr = np.zeros(n_lists + 1, dtype=np.int64)
        np.cumsum(np.bincount(lists, minlength=n_lists), out=indptr[1:])
    return np.ascontiguousarray(indptr), rows.astype(np.int32)


def restrict_rows(lists: RowLists | None, rows: Ids, n_rows: int) -> RowLists | None:
    """The lists of ``exclude_rows`` as places in ``rows``, a rising selection of rows."""
    if lists is None:
        return None
    place = np.full(n_rows, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    indptr, excluded = lists
    return _ascending(indptr, place[excluded], len(indptr) - 1, len(rows))


def allow_rows(allow: AllowInput | None, id_map: IdMap) -> NDArray[np.bool_] | None:
    """Mask over rows of the ids that may be returned.

    Parameters
    ----------
    allow : bool array over ids (length = one past the largest id given out), ids, or None
        Ids of removed rows are ignored.
    id_map : IdMap
        Ids of the index.

    Raises
    ------
    TypeError
        If ``allow`` holds neither bools nor integers.
    ValueError
        If a mask has the wrong length, or an id is negative or was never given out.
    """
    if allow is None:
        return None
    array = np.asarray(allow)
    if array.dtype == np.bool_:
        if array.shape != (id_map.next_id,):
            raise ValueError(
                f"an allow mask must have one entry per id, shape ({id_map.next_id},), "
                f"got {array.shape}"
            )
        return np.ascontiguousarray(array[id_map.all_ids()])
    ids = check_id_array(array, "allow")
    id_map.check_issued(ids, "allow")
    rows = id_map.rows_of(ids)
    mask = np.zeros(id_map.n_rows, dtype=bool)
    mask[rows[rows >= 0]] = True
    return mask


def bitmap(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """A mask as bits, uint64 (ceil(n / 64),), first row lowest."""
    words = np.zeros(-(-len(mask) // 64) * 8, dtype=np.uint8)
    packed = np.packbits(mask, bitorder="little")
    words[: len(packed)] = packed
    return words.view(np.uint64)
