# SPDX-License-Identifier: Apache-2.0
"""Entry lists whose weights change at every expansion of a majoriser."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import EntryLists, RowLinear
from hashrec_fast.kernels.rows import RowPass
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.solvers.row_forms import rows_pass

Floats = NDArray[np.float64]


class PairPattern:
    """A sparse pattern in row and in column order.

    Weights are passed on as they are: with codes of +-1 every product is exact and the compiled
    pass adds the entries of a row in their order, so nothing needs to be rounded for codes that
    do not depend on threads or SIMD level.
    """

    def __init__(self, pairs: sp.csr_matrix) -> None:
        self.shape = pairs.shape
        self.by_user = csr_parts(pairs)
        self.indptr, self.columns = self.by_user
        self.rows = np.repeat(np.arange(self.shape[0], dtype=np.int32), np.diff(self.indptr))
        self._order = np.argsort(self.columns, kind="stable")
        counts = np.bincount(self.columns, minlength=self.shape[1])
        self._column_indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def entries(self, side: str, quad: Floats, linear: Floats) -> EntryLists:
        """Weights in row order as the lists of a side's rows."""
        if side == "user":
            return EntryLists(self.indptr, self.columns, quad, linear)
        order = self._order
        return EntryLists(self._column_indptr, self.rows[order], quad[order], linear[order])

    def distances(self, states: States) -> NDArray[np.int64]:
        """Hamming distance of every pair, int64 (nnz,)."""
        users, items = states["user"].codes(), states["item"].codes()
        found = np.empty(len(self.rows), dtype=np.int64)
        for start in range(0, len(found), 1 << 18):
            part = slice(start, start + (1 << 18))
            differing = users[self.rows[part]] ^ items[self.columns[part]]
            found[part] = np.bitwise_count(differing).sum(axis=1)
        return found


def weighted_pass(
    side: str,
    states: States,
    entries: EntryLists,
    linear: RowLinear,
    *,
    sweeps: int,
    num_threads: int,
) -> int:
    """One pass over the rows of ``side`` with weighted entries."""
    own, other = states[side], states["item" if side == "user" else "user"]
    step = RowPass(entries=entries, linear=linear, sweeps=sweeps, num_threads=num_threads)
    return rows_pass(own, other, step)
