# SPDX-License-Identifier: Apache-2.0
"""Squared error of the observed pairs, all weights one (survey eqs. 35-44, corrected)."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.data_terms.observed_pairs import ObservedPairs
from hashrec_fast.solvers.data_terms.start import relaxed_states
from hashrec_fast.solvers.data_terms.targets import RatingScale


class ObservedSquares:
    """Data term ``sum over observed pairs of (t - b'd)^2`` with raw targets, float64 (nnz,)."""

    sides: tuple[str, ...] = ("user", "item")
    block_bits: int = 1

    def __init__(
        self,
        pairs: sp.csr_matrix,
        targets: NDArray[np.float64],
        n_bits: int,
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.n_bits, self.size, self._facts = n_bits, pairs.nnz, facts or {}
        self.problem = ObservedPairs(pairs, targets, n_bits)

    @classmethod
    def of_ratings(
        cls, user_items: sp.csr_matrix, scale: RatingScale, n_bits: int
    ) -> ObservedSquares:
        """The sum for ratings on a scale."""
        return cls(user_items, scale.targets(user_items, n_bits), n_bits, scale.facts())

    def refresh(self, side: str, states: States) -> None:
        """Prepare nothing: the sum is quadratic."""

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``."""
        self.problem.block_bits = self.block_bits
        own, other = (side, "item") if side == "user" else (side, "user")
        entries = self.problem.by_user if side == "user" else self.problem.by_item
        return self.problem.half(
            states[own], states[other], entries, linear, sweeps=sweeps, num_threads=num_threads
        )

    def loss(self, states: States) -> float:
        """Sum of squared errors."""
        return self.problem.loss(states["user"].codes(), states["item"].codes())

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real-valued solution."""
        by_side = (self.problem.by_user, self.problem.by_item)
        return relaxed_states(
            by_side, weights, self.n_bits, context.rng, rounds=rounds, threads=context.num_threads
        )

    def facts(self) -> dict[str, Any]:
        """JSON values that new rows need."""
        return self._facts
