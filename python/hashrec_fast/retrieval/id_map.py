# SPDX-License-Identifier: Apache-2.0
"""Ids of rows. Rows always stand in the order of their ids, so row order is id order."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ids = NDArray[np.int64]


def check_id_array(ids: ArrayLike, name: str) -> Ids:
    """``ids`` as a 1-D int64 array of numbers >= 0, or raise ``TypeError``/``ValueError``."""
    array = np.asarray(ids)
    if array.size == 0 and array.ndim == 1:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, got {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    if array.dtype == np.uint64 and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must fit int64, got {array.max()}")
    if array.min() < 0:
        raise ValueError(f"{name} must be >= 0 (-1 means none), got {array.min()}")
    return array.astype(np.int64, copy=False)


def first_duplicate(ids: Ids) -> int | None:
    """An id that occurs twice, or None."""
    ordered = np.sort(ids)
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    return int(ordered[twice[0]]) if len(twice) else None


class IdMap:
    """Two-way map between rows and ids.

    Parameters
    ----------
    n_rows : int
        Number of rows.
    ids : ndarray of int64, shape (n_rows,), optional
        Strictly ascending; None = the row numbers.
    next_id : int, optional
        The id that the next row without an own id gets; ``n_rows`` by default.
    has_own_ids : bool
        Whether ids were ever given by the caller. If not, an id from ``next_id`` on is surely a
        mistake.
    """

    def __init__(
        self,
        n_rows: int,
        ids: Ids | None = None,
        next_id: int | None = None,
        has_own_ids: bool = False,
    ) -> None:
        self.n_rows = n_rows
        self.ids = ids
        self.next_id = n_rows if next_id is None else next_id
        self.has_own_ids = has_own_ids

    @property
    def last_id(self) -> int:
        """The largest id held, -1 without rows."""
        if self.n_rows == 0:
            return -1
        return self.n_rows - 1 if self.ids is None else int(self.ids[-1])

    def all_ids(self) -> Ids:
        """Ids of all rows, int64 (n_rows,)."""
        return np.arange(self.n_rows, dtype=np.int64) if self.ids is None else self.ids

    def ids_of(self, rows: Ids) -> Ids:
        """Ids of rows; -1 stays -1."""
        if self.ids is None:
            return rows
        if self.n_rows == 0:
            return np.full_like(rows, -1)
        return np.where(rows < 0, np.int64(-1), self.ids[rows])

    def rows_of(self, ids: Ids) -> Ids:
        """Rows of ids, -1 for an id that is not held."""
        if self.ids is None:
            return np.where(ids < self.n_rows, ids, np.int64(-1))
        if self.n_rows == 0:
            return np.full_like(ids, -1)
        rows = np.minimum(np.searchsorted(self.ids, ids), self.n_rows - 1)
        return np.where(self.ids[rows] == ids, rows, np.int64(-1))

    def known_rows(self, ids: ArrayLike, name: str) -> Ids:
        """Rows of ids that must all be held, else ``ValueError``."""
        array = check_id_array(ids, name)
        rows = self.rows_of(array)
        if len(rows) and rows.min() < 0:
            unknown = array[rows < 0][0]
            raise ValueError(f"{name} holds {unknown}, which is not in the index")
        return rows

    def check_issued(self, ids: Ids, name: str) -> None:
        """Refuse an id that was never given out; ids of removed rows are fine."""
        if not self.has_own_ids and len(ids) and ids.max() >= self.next_id:
            raise ValueError(
                f"{name} holds id {ids.max()}, but only ids 0..{self.next_id - 1} were given out"
            )
