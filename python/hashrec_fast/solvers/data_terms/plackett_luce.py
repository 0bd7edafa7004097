# SPDX-License-Identifier: Apache-2.0
"""Plackett-Luce likelihood of ranked lists by its separable quadratic bound (DLCF).

With ``s = sigma b'd`` the bound ``g (s - s0) + h (s - s0)^2 / 2`` per entry is a weighted least
squares problem, and since it is separable in the scores it holds for moves of all rows at once.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.ranked_lists import deal_lists, with_tail
from hashrec_fast.solvers.data_terms.rating_lists import PairPattern, weighted_pass
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.majorisers import plackett_luce

Floats = NDArray[np.float64]
REST_WEIGHT = 0.1  # of unobserved pairs, where least squares stand in for implicit lists


class PlackettLuceDataTerm:
    """Data term of each user's items in the order of their ratings.

    Parameters
    ----------
    user_items : csr_matrix (n_users, n_items)
        Stored values are ratings; equal ones throughout stand for implicit feedback.
    n_bits : int
    rng : numpy.random.Generator
        Breaks ties and draws unobserved items.
    sharpness, list_length, negatives : see the loss
    fixed : bool
        Keep the lists of the first round, so that the loss cannot rise.
    """

    sides: tuple[str, ...] = ("user", "item")

    def __init__(
        self,
        user_items: sp.csr_matrix,
        n_bits: int,
        rng: np.random.Generator,
        *,
        sharpness: float,
        list_length: int,
        negatives: float,
        fixed: bool = False,
    ) -> None:
        if not sharpness > 0:
            raise ValueError(f"sharpness must be positive, got {sharpness}")
        if list_length < 0 or not negatives >= 0:
            raise ValueError(
                "list_length and negatives must not be below zero, got "
                f"{list_length} and {negatives}"
            )
        self.n_bits, self.scale = n_bits, sharpness / n_bits
        self.size = user_items.nnz
        self._user_items, self._rng, self._fixed = user_items, rng, fixed
        self._list_length, self._negatives = list_length, negatives
        values, levels = np.unique(user_items.data, return_inverse=True)
        self.is_implicit = len(values) < 2
        self._levels = levels.astype(np.int64)
        self._pattern = PairPattern(user_items)
        self._make_lists()

    def _make_lists(self) -> None:
        if self.is_implicit:
            pairs, self._levels = with_tail(self._user_items, self._negatives, self._rng)
            self._pattern = PairPattern(pairs)
        self._lists = deal_lists(self._pattern.indptr, self._levels, self._list_length, self._rng)

    def refresh(self, side: str, states: States) -> None:
        """Deal new lists at the start of a round."""
        del states
        if side == self.sides[0] and not self._fixed:
            self._make_lists()

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side`` on the bound at the present scores."""
        scores = self._scores(states)
        order = self._lists.order
        gradient, curvature = np.empty_like(scores), np.empty_like(scores)
        _, gradient[order], curvature[order] = self._expand(scores)
        quad = self.scale**2 / 2 * curvature
        entries = self._pattern.entries(side, quad, quad * scores - self.scale / 2 * gradient)
        return weighted_pass(side, states, entries, linear, sweeps=sweeps, num_threads=num_threads)

    def _scores(self, states: States) -> Floats:
        return np.asarray(self.n_bits - 2.0 * self._pattern.distances(states), dtype=np.float64)

    def _expand(self, scores: Floats) -> tuple[Floats, Floats, Floats]:
        return plackett_luce(self.scale * scores[self._lists.order], self._lists.indptr)

    def loss(self, states: States) -> float:
        """The loss on the present lists; after new lists it is another sum of the same kind."""
        return float(self._expand(self._scores(states))[0].sum())

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real-valued least squares solution for the ratings."""
        scale = RatingScale.of(self._user_items)
        data_term = rating_squares(self._user_items, scale, self.n_bits)
        return data_term.start(weights, context, rounds=rounds)


def rating_squares(
    user_items: sp.csr_matrix, scale: RatingScale, n_bits: int
) -> ObservedSquares | WeightedPairs:
    """Least squares for the same data; all other pairs are weak negatives if it is implicit."""
    if scale.high > scale.low:
        return ObservedSquares.of_ratings(user_items, scale, n_bits)
    targets = scale.targets(user_items, n_bits)
    return WeightedPairs(user_items, targets, n_bits, rest_weight=REST_WEIGHT, rest_target=-1.0)
