# SPDX-License-Identifier: Apache-2.0
"""Squared score differences of every positive and every other item of a user (DPR).

``sum_u w_u sum_(i in I_u) sum_(j not in I_u) (c - b_u'(d_i - d_j))^2`` with ``w_u`` one over the
number of pairs. Nothing is sampled: sums over other items are sums over all items less the
positives.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.pairwise import (
    ItemSums,
    PairwisePass,
    UserSums,
    pairwise_item_pass,
    pairwise_user_pass,
)
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.data_terms.guards import linear_value
from hashrec_fast.solvers.data_terms.pairwise_start import relaxed_pairwise_states
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.solvers.state import SignState, pair_scores

Floats = NDArray[np.float64]
Order = Literal["sequential", "parallel"]


def pair_weights(positives: Floats, n_items: int) -> Floats:
    """One over the number of pairs of each user, zero for users without pairs."""
    pairs = positives * (n_items - positives)
    return np.divide(1.0, pairs, out=np.zeros(len(pairs)), where=pairs > 0)


class PairwiseDataTerm:
    """Data term of all pairs of every user.

    Parameters
    ----------
    user_items : csr_matrix (n_users, n_items)
        The stored entries are the positives.
    n_bits : int
    margin : float
        Wanted difference of scores on the raw scale.
    item_order : {"sequential", "parallel"}
        Item rows meet in the users' pairs. Sequential rows see the moves of those before them, so
        the loss cannot rise. Parallel rows all see the start of the pass; where that raised the
        objective, the pass is taken back and done in sequence.
    """

    sides: tuple[str, ...] = ("user", "item")

    def __init__(
        self,
        user_items: sp.csr_matrix,
        n_bits: int,
        margin: float,
        *,
        item_order: Order = "sequential",
    ) -> None:
        if item_order not in ("sequential", "parallel"):
            raise ValueError(f"item_order must be 'sequential' or 'parallel', got {item_order!r}")
        if not np.isfinite(margin):
            raise ValueError(f"margin must be a finite number, got {margin}")
        self.n_bits, self.margin, self.item_order = n_bits, margin, item_order
        self.shape = user_items.shape
        by_item = user_items.T.tocsr()
        by_item.sort_indices()
        self.by_user, self.by_item = csr_parts(user_items), csr_parts(by_item)
        self.positives: Floats = np.diff(user_items.indptr).astype(np.float64)
        self.weight = pair_weights(self.positives, self.shape[1])
        self.size = int((self.weight > 0).sum())
        self.taken_back = 0
        self._pattern = user_items
        self._rows = np.repeat(np.arange(self.shape[0]), np.diff(user_items.indptr))

    def refresh(self, side: str, states: States) -> None:
        """Prepare nothing: the sum is quadratic."""

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``."""
        step = PairwisePass(
            positives=self.by_user if side == "user" else self.by_item,
            pair_weight=self.weight,
            margin=self.margin,
            linear=linear,
            sweeps=sweeps,
            num_threads=num_threads,
        )
        if side == "user":
            return user_pass(states["user"], states["item"], step)
        if self.item_order == "sequential":
            return self._item_pass(states, step, sequential=True)
        before = states["item"].values.copy()
        start = self.loss(states) - 2 * linear_value(linear, before, before)
        changed = self._item_pass(states, step, sequential=False)
        after = states["item"].values
        if self.loss(states) - 2 * linear_value(linear, before, after) <= start:
            return changed
        self.taken_back += 1
        after[:] = before
        return self._item_pass(states, step, sequential=True)

    def _item_pass(self, states: States, step: PairwisePass, *, sequential: bool) -> int:
        users, items = states["user"], states["item"]
        sums = UserSums(self.positives, self.own_scores(states), items.total(), self.shape[1])
        return pairwise_item_pass(
            items.values, self.n_bits, users.values, step, sums=sums, sequential=sequential
        )

    def own_scores(self, states: States) -> Floats:
        """Sum of each user's scores of its positives, float64 (n_users,) of integers."""
        return self._sums_by_user(self._scores(states))

    def loss(self, states: States) -> float:
        """The sum over all pairs, from sums over positives and one Gram matrix of the items."""
        f = self.n_bits
        users, items = states["user"].real()[:, :f], states["item"]
        scores = self._scores(states)
        own, own_squares = self._sums_by_user(scores), self._sums_by_user(scores**2)
        rest = users @ items.total()[:f] - own
        rest_squares = ((users @ items.gram()[:f, :f]) * users).sum(axis=1) - own_squares
        n_own, c = self.positives, self.margin
        n_rest = self.shape[1] - n_own
        pairs = n_own * n_rest * c**2 - 2 * c * (n_rest * own - n_own * rest)
        pairs += n_rest * own_squares + n_own * rest_squares - 2 * own * rest
        return float((self.weight * pairs).sum())

    def _scores(self, states: States) -> Floats:
        users, items = states["user"].codes(), states["item"].codes()
        return pair_scores(users, items, self._rows, self._pattern.indices, self.n_bits)

    def _sums_by_user(self, values: Floats) -> Floats:
        return np.asarray(
            np.bincount(self._rows, weights=values, minlength=self.shape[0]), dtype=np.float64
        )

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of real vectors that minimise the same objective with a margin of one."""
        return relaxed_pairwise_states(
            self._pattern,
            weights,
            self.n_bits,
            context.rng,
            rounds=rounds,
            threads=context.num_threads,
        )

    def arrays(self, states: States) -> dict[str, NDArray[Any]]:
        """Arrays of the users that the encoding of new items needs."""
        return {"positives": self.positives, "own_score": self.own_scores(states)}


def user_pass(users: SignState, items: SignState, step: PairwisePass) -> int:
    """One pass over user rows, each independent of the others."""
    sums = ItemSums(items.codes(), items.gram(), items.total())
    return pairwise_user_pass(users.values, items.n_bits, items.values, step, sums=sums)
