# SPDX-License-Identifier: Apache-2.0
"""Cross-entropy of all rated pairs of each user (DRMF), by its quadratic bound.

A pair's bound depends on the two ratings and the two Hamming distances alone, so a user's ratings
fall into classes of equal (distance, rating), of which there are few; all pairs of one user at a
time cost classes squared, not ratings squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.solvers.alternation import LinearTerm, States
from hashrec_fast.solvers.context import FitContext
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.fits.guards import linear_value
from hashrec_fast.solvers.fits.rating_lists import PairPattern, weighted_pass
from hashrec_fast.solvers.fits.start import relaxed_states
from hashrec_fast.solvers.fits.targets import RatingScale
from hashrec_fast.solvers.majorisers import pair_entropy_tables

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NO_IDS = (np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class UserClasses:
    """The ratings of one user by class of equal (distance, rating).

    Attributes
    ----------
    distance, level, count : int64 (n_classes,)
    member : int64 (n_ratings,)
        Class of each rating.
    """

    distance: Ints
    level: Ints
    count: Ints
    member: Ints

    @classmethod
    def of(cls, distances: Ints, levels: Ints) -> UserClasses:
        """Group ratings."""
        base = int(levels.max(initial=0)) + 1
        keys, member, count = np.unique(
            distances * base + levels, return_inverse=True, return_counts=True
        )
        return cls(keys // base, keys % base, count, member)

    def look_up(self, table: Floats, n_bits: int) -> Floats:
        """Entries of a table of :func:`pair_entropy_tables` for all pairs of classes."""
        label = np.sign(self.level[:, None] - self.level) + 1
        return np.asarray(table[label, n_bits + self.distance - self.distance[:, None]])


class PairEntropyFit:
    """All pairs of the ratings of each user.

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
        """Nothing to prepare: a pass expands the bound at the codes it starts from."""

    def half(
        self, side: str, states: States, linear: LinearTerm, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``.

        Item rows meet in the users' pairs. They are first solved as if the other items stood
        still; where that raised the objective, the pass is taken back and done with the bound
        ``(x - y)^2 <= 2 x^2 + 2 y^2`` of joint moves, which cannot raise it.
        """
        if side == "user":
            return self._user_pass(states, linear, sweeps)
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

    def _by_user(self, states: States) -> Any:
        """User, place of its ratings and their classes, for users with pairs."""
        distances, indptr = self._pattern.distances(states), self._pattern.indptr
        for u in np.flatnonzero(np.diff(indptr) > 1):
            own = slice(indptr[u], indptr[u + 1])
            yield u, own, UserClasses.of(distances[own], self._levels[own])

    def _tables(self) -> tuple[Floats, Floats, Floats]:
        return pair_entropy_tables(self.n_bits, self.scale, self.limit)

    def _item_weights(self, states: States) -> tuple[Floats, Floats]:
        """Weights of ``quad s^2 - 2 lin s`` for every rating's score, other scores fixed."""
        quad, lin = np.zeros(len(self._levels)), np.zeros(len(self._levels))
        _, weights, slopes = self._tables()
        for _, own, classes in self._by_user(states):
            weight = classes.look_up(weights, self.n_bits)
            slope = classes.look_up(slopes, self.n_bits)
            scores = self.n_bits - 2.0 * classes.distance
            self_weight = np.diagonal(weight)  # no pair of a rating with itself
            total = (weight * classes.count).sum(axis=1) - self_weight
            pulled = (weight * (classes.count * scores)).sum(axis=1) - self_weight * scores
            slopes_of = (slope * classes.count).sum(axis=1)
            quad[own] = (self.scale**2 * total)[classes.member]
            lin[own] = (self.scale**2 * pulled - self.scale / 2 * slopes_of)[classes.member]
        return quad, lin

    def _user_pass(self, states: States, linear: LinearTerm, sweeps: int) -> int:
        users, items = states["user"], states["item"]
        changed = 0
        _, weights, slopes = self._tables()
        for u, own, classes in self._by_user(states):
            codes = items.values[self._pattern.columns[own]] / 256.0
            quad, lin = self._user_terms(codes, classes, weights, slopes)
            changed += _core.row_pass(
                users.values[u : u + 1],
                self.n_bits,
                items.values,
                *NO_IDS,
                base_quad=quad,
                base_linear=lin,
                sweeps=sweeps,
                num_threads=1,
                **row_of(linear, u),
            )
        return changed

    def _user_terms(
        self, codes: Floats, classes: UserClasses, weights: Floats, slopes: Floats
    ) -> tuple[Floats, Floats]:
        """``A`` and ``g`` of one user: ``Z'(diag(r) - W) Z`` over its pairs, not pair by pair.

        Weights are dyadic, so the matrix products are exact in any order.
        """
        weight = classes.look_up(weights, self.n_bits)
        total = weight @ classes.count
        by_class = np.zeros((len(classes.count), codes.shape[1]))
        np.add.at(by_class, classes.member, codes)
        quad = codes.T @ (total[classes.member][:, None] * codes)
        quad -= by_class.T @ (weight @ by_class)
        slope = (classes.look_up(slopes, self.n_bits) * classes.count).sum(axis=1)
        lin = (slope[:, None] * by_class).sum(axis=0)
        return self.scale**2 * quad, -self.scale / 2 * lin

    def loss(self, states: States) -> float:
        """Sum over all pairs of the smaller of loss and limit."""
        losses = np.minimum(self._tables()[0], self.limit)
        total = 0.0
        for _, _, classes in self._by_user(states):
            pairs = classes.look_up(losses, self.n_bits)
            n = classes.count
            ordered = float((n[:, None] * n * pairs).sum())
            total += (ordered - float((n * np.diagonal(pairs)).sum())) / 2
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


def row_of(linear: LinearTerm, row: int) -> LinearTerm:
    """The linear term of one row."""
    if "row_linear" not in linear:
        return linear
    return {**linear, "row_linear": linear["row_linear"][row : row + 1]}
