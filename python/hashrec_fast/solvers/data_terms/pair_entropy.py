# SPDX-License-Identifier: Apache-2.0
"""Cross-entropy of all rated pairs of each user (DRMF), by its quadratic bound.

A pair's bound depends on the two ratings and the two Hamming distances alone, so a user's ratings
fall into classes of equal (distance, rating), of which there are few; all pairs of one user at a
time cost classes squared, not ratings squared.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.data_terms.guards import linear_value
from hashrec_fast.solvers.data_terms.pair_classes import PairClasses
from hashrec_fast.solvers.data_terms.pair_users import heavy_user_pass, light_user_pass
from hashrec_fast.solvers.data_terms.rating_lists import PairPattern, weighted_pass
from hashrec_fast.solvers.data_terms.start import relaxed_states
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.majorisers import pair_entropy_tables

Floats = NDArray[np.float64]


class PairEntropyDataTerm:
    """Data term of all pairs of the ratings of each user.

    Parameters
    ----------
    user_items : csr_matrix (n_users, n_items)
        Stored values are ratings; only their order inside a row counts.
    n_bits : int
    sharpness : float
        Scores are ``sharpness / n_bits * b'd``.
    limit : float
        Pairs whose loss is not below it are left out of a pass (self-paced learning); the
        objective is then the sum of ``min(loss, limit)``. May be changed between rounds.
    """

    sides: tuple[str, ...] = ("user", "item")

    def __init__(
        self, user_items: sp.csr_matrix, n_bits: int, sharpness: float, limit: float = np.inf
    ) -> None:
        if not sharpness > 0:
            raise ValueError(f"sharpness must be positive, got {sharpness}")
        self.n_bits, self.scale, self.limit = n_bits, sharpness / n_bits, limit
        self.taken_back = 0
        self._ratings = user_items
        self._pattern = PairPattern(user_items)
        lengths = np.diff(user_items.indptr).astype(np.int64)
        self.size = int((lengths * (lengths - 1)).sum() // 2)
        _, levels = np.unique(user_items.data, return_inverse=True)
        self._levels = levels.astype(np.int64)

    def refresh(self, side: str, states: States) -> None:
        """Prepare nothing: a pass expands the bound at the codes it starts from."""

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``.

        Item rows meet in the users' pairs. They are first solved as if the other items stood
        still; where that raised the objective, the pass is taken back and done with the bound
        ``(x - y)^2 <= 2 x^2 + 2 y^2`` of joint moves, which cannot raise it.
        """
        if side == "user":
            return self._user_pass(states, linear, sweeps, num_threads)
        options = {"sweeps": sweeps, "num_threads": num_threads}
        before = states["item"].values.copy()
        start = self.loss(states) - 2 * linear_value(linear, before, before)
        quad, lin = self._item_weights(states)
        entries = self._pattern.entries("item", quad, lin)
        changed = weighted_pass("item", states, entries, linear, **options)
        after = states["item"].values
        if self.loss(states) - 2 * linear_value(linear, before, after) <= start:
            return changed
        self.taken_back += 1
        after[:] = before
        scores = self.n_bits - 2.0 * self._pattern.distances(states)
        entries = self._pattern.entries("item", 2 * quad, lin + quad * scores)
        return weighted_pass("item", states, entries, linear, **options)

    def _classes(self, states: States) -> PairClasses:
        pattern = self._pattern
        return PairClasses(
            pattern.rows.astype(np.int64),
            pattern.distances(states),
            self._levels,
            pattern.shape[0],
            self.n_bits,
        )

    def _tables(self) -> tuple[Floats, Floats, Floats]:
        return pair_entropy_tables(self.n_bits, self.scale, self.limit)

    def _user_pass(self, states: States, linear: RowLinear, sweeps: int, num_threads: int) -> int:
        """Users with few ratings by their pairs, the others by their classes."""
        arguments = (self._pattern, states, self._tables(), self.scale, linear)
        changed = light_user_pass(*arguments, self._levels, sweeps=sweeps, num_threads=num_threads)
        return changed + heavy_user_pass(*arguments, self._classes(states), sweeps=sweeps)

    def _item_weights(self, states: States) -> tuple[Floats, Floats]:
        """Weights of ``quad s^2 - 2 lin s`` for every rating's score, other scores fixed."""
        classes = self._classes(states)
        quad, lin = np.zeros(len(classes.count)), np.zeros(len(classes.count))
        _, weights, slopes = self._tables()
        for part in classes.chunks():
            weight = classes.look_up(weights, part.left, part.right) * classes.count[part.right]
            slope = classes.look_up(slopes, part.left, part.right) * classes.count[part.right]
            itself = classes.own(weights, part.classes)  # no pair of a rating with itself
            pulled = part.sums(weight * classes.score[part.right])
            pulled -= itself * classes.score[part.classes]
            quad[part.classes] = self.scale**2 * (part.sums(weight) - itself)
            lin[part.classes] = self.scale**2 * pulled - self.scale / 2 * part.sums(slope)
        return quad[classes.member], lin[classes.member]

    def loss(self, states: States) -> float:
        """Sum over all pairs of the smaller of loss and limit."""
        losses = np.minimum(self._tables()[0], self.limit)
        classes, total = self._classes(states), 0.0
        for part in classes.chunks():
            value = classes.look_up(losses, part.left, part.right) * classes.count[part.right]
            own = part.sums(value) - classes.own(losses, part.classes)
            total += float((classes.count[part.classes] * own).sum()) / 2
        return total

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real-valued least squares solution for the ratings."""
        targets = RatingScale.of(self._ratings).targets(self._ratings, self.n_bits)
        return relaxed_states(
            both_orders(self._ratings, None, targets),
            weights,
            self.n_bits,
            context.rng,
            rounds=rounds,
            threads=context.num_threads,
        )
