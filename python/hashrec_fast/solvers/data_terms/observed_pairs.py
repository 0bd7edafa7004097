# SPDX-License-Identifier: Apache-2.0
"""The observed pairs with targets: passes of bit-wise descent and their squared error.

Objective on the raw scale: ``sum_O (t - b'd)^2`` with targets ``t`` in [-f, f] (survey eqs.
35-44, corrected).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import EntryLists, RowLinear
from hashrec_fast.kernels.rows import RowPass
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.row_forms import rows_pass
from hashrec_fast.solvers.state import SignState, pair_scores


class ObservedPairs:
    """Targets of the observed pairs, in row and in column order.

    ``block_bits`` bits are chosen together (see :class:`RowPass`); set it before a pass.
    """

    block_bits: int = 1

    def __init__(
        self, user_items: sp.csr_matrix, targets: NDArray[np.float64], n_bits: int
    ) -> None:
        self.n_bits, self.shape = n_bits, user_items.shape
        self.by_user, self.by_item = both_orders(user_items, None, targets)
        self.rows = np.repeat(np.arange(self.shape[0]), np.diff(user_items.indptr))

    def half(
        self,
        own: SignState,
        other: SignState,
        entries: EntryLists,
        linear: RowLinear,
        *,
        sweeps: int,
        num_threads: int,
    ) -> int:
        """One pass over the rows of one side; returns the number of bits changed."""
        step = RowPass(
            entries=entries,
            linear=linear,
            block_bits=self.block_bits,
            sweeps=sweeps,
            num_threads=num_threads,
        )
        return rows_pass(own, other, step)

    def loss(self, user_codes: NDArray[np.uint64], item_codes: NDArray[np.uint64]) -> float:
        """Sum of squared errors over the observed pairs."""
        columns = self.by_user.indices
        scores = pair_scores(user_codes, item_codes, self.rows, columns, self.n_bits)
        return float(((self.by_user.linear - scores) ** 2).sum())
