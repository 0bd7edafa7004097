# SPDX-License-Identifier: Apache-2.0
"""Matching pairs of two kinds of pieces, with pairs that the codes themselves propose (DSFCH).

Rows are tops, columns bottoms. From the second round on the unknown pairs of highest score join
the known ones with a smaller weight, found by a scan of Hamming distances per row; they are
chosen anew a few times and then stay, so that the codes settle.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.kernels.search import RowFilters, scan_search
from hashrec_fast.solvers.data_terms.rest_weight import rest_weight
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.factors import csr_parts


class OutfitDataTerm:
    """Data term of weighted squares over all pairs, augmented by the codes' own best guesses.

    Parameters
    ----------
    pairs : csr_matrix (n_tops, n_bottoms)
        Known matches; the values are not read.
    n_bits : int
    term : part with the fields of ``OutfitSquare``
    """

    sides: tuple[str, ...] = ("user", "item")

    def __init__(self, pairs: sp.csr_matrix, n_bits: int, term: Any, num_threads: int) -> None:
        self.n_bits, self.size, self._term = n_bits, pairs.nnz, term
        self._known, self._threads = pairs, num_threads
        self._rest = rest_weight(pairs, term.rest_weight)
        self._round = 0
        self._squares = self._make(pairs, np.full(pairs.nnz, term.weight))

    def _make(self, pairs: sp.csr_matrix, weights: NDArray[np.float64]) -> WeightedPairs:
        return WeightedPairs(
            pairs,
            np.full(pairs.nnz, float(self.n_bits)),
            self.n_bits,
            rest_weight=self._rest,
            rest_target=self._term.rest_target,
            weights=weights,
        )

    def refresh(self, side: str, states: States) -> None:
        """Choose self-made pairs before the tops' pass of the first rounds but the very first."""
        if side == "user":
            if 0 < self._round <= self._term.augment_rounds and self._term.augment_weight > 0:
                self._squares = self._make(*self.augmented(states))
            self._round += 1

    def augmented(self, states: States) -> tuple[sp.csr_matrix, NDArray[np.float64]]:
        """Known and self-made pairs with their weights."""
        term, (n_rows, n_columns) = self._term, self._known.shape
        k = min(int(np.ceil(term.augment_share * n_columns)), term.augment_limit, n_columns)
        distance, ids = scan_search(
            states["item"].codes(),
            self.n_bits,
            states["user"].codes(),
            k,
            filters=RowFilters(*csr_parts(self._known)),
            num_threads=self._threads,
        )
        near = (ids >= 0) & (self.n_bits - 2.0 * distance >= term.augment_score * self.n_bits)
        rows = np.broadcast_to(np.arange(n_rows)[:, None], ids.shape)[near]
        guesses = sp.csr_matrix((np.ones(len(rows)), (rows, ids[near])), shape=self._known.shape)
        known = sp.csr_matrix(self._known, dtype=np.float64, copy=True)
        known.data[:] = 2
        pairs = known + guesses
        pairs.sort_indices()
        return pairs, np.where(pairs.data > 1, term.weight, term.augment_weight)

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``."""
        return self._squares.half(side, states, linear, sweeps=sweeps, num_threads=num_threads)

    def loss(self, states: States) -> float:
        """The objective with the self-made pairs of the present round."""
        return self._squares.loss(states)

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real-valued solution for the known pairs."""
        return self._squares.start(weights, context, rounds=rounds)

    def facts(self) -> dict[str, Any]:
        """JSON values that new rows need."""
        return {"rest_weight": self._rest}
