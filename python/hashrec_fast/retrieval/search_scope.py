# SPDX-License-Identifier: Apache-2.0
"""Scope of a search: the rows it may return, and the way back to ids."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.kernels.search import RowFilters
from hashrec_fast.retrieval.code_store import CodeStore
from hashrec_fast.retrieval.filters import allow_rows, bitmap, exclude_rows, restrict_rows
from hashrec_fast.types import AllowInput, ExcludeInput

_MAX_K = 2**31 - 1
_GATHER_BELOW = 1 / 8  # if fewer rows than this are allowed, to scan a copy of them is cheaper

T = TypeVar("T", bound=np.generic)


class SearchScope:
    """The rows of a store that one search may return: ``codes`` and ``filters`` for the core.

    Parameters
    ----------
    store : CodeStore
        Codes and ids.
    n_queries : int
        Number of queries.
    k : int
        Length of each list.
    exclude, allow
        As in ``LinearScan.search``.
    gather : bool
        Whether few allowed rows may be copied out, so that ``codes`` holds them alone.

    Raises
    ------
    TypeError, ValueError
        As ``LinearScan.search``.
    """

    def __init__(
        self,
        store: CodeStore,
        n_queries: int,
        k: int,
        exclude: ExcludeInput | None,
        allow: AllowInput | None,
        *,
        gather: bool = True,
    ) -> None:
        self.k = check_int(k, "k", minimum=1, maximum=_MAX_K)
        self._id_map = store.id_map
        self._rows: NDArray[np.int64] | None = None
        self.codes = store.codes
        excluded = exclude_rows(exclude, n_queries, self._id_map)
        allowed = allow_rows(allow, self._id_map)
        bits = None
        few = allowed is not None and np.count_nonzero(allowed) < _GATHER_BELOW * len(self.codes)
        if allowed is not None and few and gather:
            self._rows = np.flatnonzero(allowed)
            excluded = restrict_rows(excluded, self._rows, len(self.codes))
            self.codes = self.codes[self._rows]
        elif allowed is not None:
            bits = bitmap(allowed)
        indptr, rows = (None, None) if excluded is None else excluded
        self.filters = RowFilters(indptr, rows, bits)

    @property
    def is_gathered(self) -> bool:
        """Whether ``codes`` are a copy of the allowed rows."""
        return self._rows is not None

    def of_rows(self, values: NDArray[T]) -> NDArray[T]:
        """One value per row of ``codes`` from one value per row of the store."""
        return values if self._rows is None else values[self._rows]

    def ids_of(self, found: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ids of rows of ``codes``; -1 stays -1."""
        if self._rows is not None:
            rows = np.full_like(found, -1)
            rows[found >= 0] = self._rows[found[found >= 0]]
            found = rows
        return self._id_map.ids_of(found)
