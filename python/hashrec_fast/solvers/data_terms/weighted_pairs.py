# SPDX-License-Identifier: Apache-2.0
"""Weighted observed pairs, square or logistic, and a weak square of all other pairs.

Objective: ``sum_O w l(t, s) + rest sum_{not O} (t0 - s)^2 + norm sum_all s^2``. The last two sums
cost one Gram matrix of codes per pass, not users x items (whole-data rows).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.row_terms import RowLinear, SharedTerms
from hashrec_fast.kernels.rows import RowPass
from hashrec_fast.solvers.data_terms.start import relaxed_states
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.majorisers import logistic_weight
from hashrec_fast.solvers.row_forms import rows_pass
from hashrec_fast.solvers.state import pair_scores


class WeightedPairs:
    """Data term of pairs with targets (square) or labels of -1 and +1 (logistic).

    Parameters
    ----------
    pairs : csr_matrix (n_users, n_items)
        The pattern; the values are not read.
    targets : float64 (nnz,)
        Scores in [-f, f], or labels with a ``slope``.
    n_bits : int
    slope : float
        If positive, the loss is ``log(1 + exp(-slope t s))``, taken by its quadratic majoriser at
        the present codes; zero is the squared error.
    rest_weight, rest_target : float
        Weight and target (in units of ``n_bits``) of every pair that is not stored.
    norm_weight : float
        Weight of the squared score of every pair, stored or not.
    weights : float64 (nnz,) or None
        Weight of every stored pair, one where ``None``; for squared errors only.
    """

    sides: tuple[str, ...] = ("user", "item")
    block_bits: int = 1

    def __init__(
        self,
        pairs: sp.csr_matrix,
        targets: NDArray[np.float64],
        n_bits: int,
        *,
        slope: float = 0.0,
        rest_weight: float = 0.0,
        rest_target: float = 0.0,
        norm_weight: float = 0.0,
        facts: dict[str, Any] | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self.n_bits, self.size, self.shape = n_bits, pairs.nnz, pairs.shape
        self._pairs, self._targets, self._slope = pairs, targets, slope
        self._facts = facts or {}
        # multiples of 2**-20 keep the sums in the compiled pass exact
        self._rest, self._norm = (
            round(rest_weight * 2**20) / 2**20,
            round(norm_weight * 2**20) / 2**20,
        )
        self._rest_target = rest_target * n_bits
        self._rows = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
        self._is_weighted = weights is not None
        self._weights = np.ones(pairs.nnz) if weights is None else weights
        if slope == 0:
            self._expand(self._weights, self._weights * targets)

    def _expand(self, weights: NDArray[np.float64], pull: NDArray[np.float64]) -> None:
        """Entry lists for ``sum w s^2 - 2 pull s`` on the pairs, the rest's share taken out."""
        self._by_user, self._by_item = both_orders(
            self._pairs, weights - self._rest, pull - self._rest * self._rest_target
        )

    def refresh(self, side: str, states: States) -> None:
        """Expand the logistic loss at the present scores ``s``, see ``majorisers``."""
        del side
        if self._slope > 0:
            weights = self._slope**2 * logistic_weight(self._slope * self._scores(states))
            self._expand(weights, self._slope * self._targets / 4)

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``."""
        own, other = states[side], states["item" if side == "user" else "user"]
        entries = self._by_user if side == "user" else self._by_item
        weight, pull = self._rest + self._norm, self._rest * self._rest_target
        step = RowPass(
            entries=entries,
            shared=SharedTerms(
                quad=weight * other.gram() if weight > 0 else None,
                linear=pull * other.total() if pull != 0 else None,
            ),
            linear=linear,
            block_bits=self.block_bits,
            sweeps=sweeps,
            num_threads=num_threads,
        )
        return rows_pass(own, other, step)

    def loss(self, states: States) -> float:
        """The objective without linear terms; never by a users x items matrix."""
        scores = self._scores(states)
        if self._slope > 0:
            total = float(np.logaddexp(0.0, -self._slope * self._targets * scores).sum())
        else:
            total = float((self._weights * (self._targets - scores) ** 2).sum())
        users, items = states["user"], states["item"]
        if self._rest + self._norm > 0:
            squares = float((users.gram() * items.gram()).sum())
            total += (self._rest + self._norm) * squares
            total -= self._rest * float((scores**2).sum())
        if self._rest * self._rest_target != 0:
            t = self._rest_target
            cross = float(users.total() @ items.total() - scores.sum())
            n_rest = self.shape[0] * self.shape[1] - len(scores)
            total += self._rest * (n_rest * t * t - 2 * t * cross)
        return total

    def _scores(self, states: States) -> NDArray[np.float64]:
        users, items = states["user"].codes(), states["item"].codes()
        return pair_scores(users, items, self._rows, self._pairs.indices, self.n_bits)

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real-valued least squares solution, labels as targets of ``+-n_bits``."""
        targets = self._targets * self.n_bits if self._slope > 0 else self._targets
        pull = self._weights * targets - self._rest * self._rest_target
        return relaxed_states(
            both_orders(
                self._pairs, self._weights - self._rest if self._is_weighted else None, pull
            ),
            weights,
            self.n_bits,
            context.rng,
            rounds=rounds,
            threads=context.num_threads,
            rest_weight=self._rest,
        )

    def facts(self) -> dict[str, Any]:
        """JSON values that new rows need."""
        return self._facts
