# SPDX-License-Identifier: Apache-2.0
"""Packed codes with ids, kept in the order of the ids; what every index is built on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast.kernels.packing import check_codes, check_n_bits
from hashrec_fast.retrieval.id_map import IdMap, Ids, check_id_array, first_duplicate

Codes = NDArray[np.uint64]


class CodeStore:
    """Growing array of packed codes.

    Parameters
    ----------
    n_bits : int
        Length of the codes, 1 to 4096.
    codes : ndarray of uint64, shape (n, n_words), optional
        First rows, taken as they are without a copy (they may be a read-only memory map).
    id_map : IdMap, optional
        Ids of these rows.
    """

    def __init__(
        self, n_bits: int, codes: Codes | None = None, id_map: IdMap | None = None
    ) -> None:
        self.n_bits = check_n_bits(n_bits)
        empty = np.empty((0, (self.n_bits + 63) // 64), dtype=np.uint64)
        self._buffer = empty if codes is None else codes
        self.id_map = id_map or IdMap(len(self._buffer))

    def __len__(self) -> int:
        return self.id_map.n_rows

    @property
    def codes(self) -> Codes:
        """The codes, uint64 (n, n_words), in the order of their ids."""
        return self._buffer[: len(self)]

    def add(self, codes: Codes, ids: ArrayLike | None = None) -> None:
        """Add rows; nothing changes when an argument is wrong."""
        check_codes(codes, self.n_bits, "codes")
        known = self.id_map
        if ids is None:
            new = np.arange(known.next_id, known.next_id + len(codes), dtype=np.int64)
        else:
            new = self._check_new_ids(ids, len(codes))
        if len(new) == 0:
            return
        n_rows = len(self) + len(new)
        next_id = max(known.next_id, int(new.max()) + 1)
        is_own = known.has_own_ids or ids is not None
        rises = bool(np.all(new[1:] > new[:-1])) and int(new[0]) > known.last_id
        if rises and known.ids is None and new[-1] == n_rows - 1:
            self._append(codes)
            self.id_map = IdMap(n_rows, None, next_id, is_own)
            return
        all_ids = np.concatenate([known.all_ids(), new])
        if rises:
            self._append(codes)
        else:
            order = np.argsort(all_ids)
            self._buffer = np.concatenate([self.codes, codes])[order]
            all_ids = all_ids[order]
        is_plain = all_ids[-1] == n_rows - 1  # ascending from >= 0: then they are 0..n_rows-1
        self.id_map = IdMap(n_rows, None if is_plain else all_ids, next_id, is_own)

    def remove(self, ids: ArrayLike) -> int:
        """Remove rows by id and return how many."""
        rows = self.id_map.known_rows(ids, "ids")
        twice = first_duplicate(rows)
        if twice is not None:
            raise ValueError(f"ids holds {self.id_map.all_ids()[twice]} twice")
        if len(rows) == 0:
            return 0
        keep = np.ones(len(self), dtype=bool)
        keep[rows] = False
        known = self.id_map
        all_ids = known.all_ids()[keep]
        self._buffer = self.codes[keep]
        is_plain = len(all_ids) == 0 or all_ids[-1] == len(all_ids) - 1
        self.id_map = IdMap(
            len(all_ids), None if is_plain else all_ids, known.next_id, known.has_own_ids
        )
        return len(rows)

    def _check_new_ids(self, ids: ArrayLike, n: int) -> Ids:
        new = check_id_array(ids, "ids")
        if len(new) != n:
            raise ValueError(f"ids must have one entry per code, {n}, got {len(new)}")
        twice = first_duplicate(new)
        if twice is not None:
            raise ValueError(f"ids holds {twice} twice")
        if n and new.max() == np.iinfo(np.int64).max:
            raise ValueError(f"ids must be below 2**63 - 1, got {new.max()}")
        held = self.id_map.rows_of(new) >= 0
        if held.any():
            raise ValueError(f"id {new[held][0]} is already in the index")
        return new

    def _append(self, codes: Codes) -> None:
        n, needed = len(self), len(self) + len(codes)
        if needed > len(self._buffer) or not self._buffer.flags.writeable:
            larger = np.empty((max(needed, n + n // 2), codes.shape[1]), dtype=np.uint64)
            larger[:n] = self.codes
            self._buffer = larger
        self._buffer[n:needed] = codes
