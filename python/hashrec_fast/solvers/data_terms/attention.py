# SPDX-License-Identifier: Apache-2.0
"""Ratings, and codes of users near an attentive mean of their friends' codes (DLACF).

Users have two codes, ``b`` for their ratings and ``u`` for their friends' eyes. Objective on the
raw scale: ``sum_O (t - b'd)^2 + w sum_i |b_i - sum_v a_iv u_v|^2 + w sum_i |u_i - b_i|^2``, where
the attention ``a`` goes to the friends whose ``u`` is nearest.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.state import ONE, SignState, pair_scores

Floats = NDArray[np.float64]


def limited_attention(indptr: NDArray[np.integer], beta: Floats) -> Floats:
    """Weights ``a`` on the simplex that minimise ``|a|_2 + a'beta`` in every row.

    ``a_j`` is proportional to ``max(0, lambda - beta_j)``; entries are taken in ascending order
    while ``lambda`` of those taken exceeds the next, and the last ``lambda`` serves all. Adding a
    constant to a row changes nothing, so rows are counted from their smallest value, which keeps
    the formula accurate for large values.

    Parameters
    ----------
    indptr : int (n_rows + 1,)
    beta : float64 (nnz,)

    Returns
    -------
    float64 (nnz,), rows that have entries sum to one
    """
    lengths = np.diff(indptr)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((beta, rows))
    lowest = beta[order[indptr[:-1][lengths > 0]]]
    above = beta - np.repeat(lowest, lengths[lengths > 0])
    ascending = above[order]
    last, sums, squares = np.ones(len(lengths)), np.zeros(len(lengths)), np.zeros(len(lengths))
    active, k = np.flatnonzero(lengths > 0), 0
    while len(active):
        following = ascending[indptr[active] + k]
        takes = last[active] > following
        active, following, k = active[takes], following[takes], k + 1
        sums[active] += following
        squares[active] += following**2
        s, q = sums[active], squares[active]
        last[active] = (s + np.sqrt(np.maximum(k + s**2 - k * q, 0.0))) / k
        active = active[lengths[active] > k]
    weights = np.maximum(0.0, last[rows] - above)
    totals = np.bincount(rows, weights, minlength=len(lengths))
    return np.asarray(weights / totals[rows])


class AttentionDataTerm(ObservedSquares):
    """Data term of ratings with attention to friends.

    Users without friends are drawn to the mean of the others' attentive means, which stays as it
    was at their last pass.

    Parameters
    ----------
    user_items, scale, n_bits : as in :class:`ObservedSquares`
    social : csr_matrix (n_users, n_users)
        Links; their values are not used.
    weight, sharpness : float
        ``w``, and ``beta`` per differing bit between a user's and a friend's code ``u``.
    """

    sides = ("user", "item", "friend")

    def __init__(
        self,
        user_items: sp.csr_matrix,
        scale: RatingScale,
        n_bits: int,
        social: sp.csr_matrix,
        weight: float,
        sharpness: float,
    ) -> None:
        super().__init__(user_items, scale.targets(user_items, n_bits), n_bits, scale.facts())
        self._weight, self._sharpness, self._social = weight, sharpness, social
        self._rows = np.repeat(np.arange(social.shape[0]), np.diff(social.indptr))
        self._alone = np.diff(social.indptr) == 0
        self._mean_of_others = np.zeros(n_bits)
        self.attention = sp.csr_matrix(social.shape)

    def refresh(self, side: str, states: States) -> None:
        """Renew attention from the present distances between friends, before the users' pass."""
        if side == "user":
            codes = states["friend"].codes()
            scores = pair_scores(codes, codes, self._rows, self._social.indices, self.n_bits)
            beta = self._sharpness * (self.n_bits - scores) / 2
            data = limited_attention(self._social.indptr, beta)
            parts = (data, self._social.indices, self._social.indptr)
            self.attention = sp.csr_matrix(parts, shape=self._social.shape, copy=True)
            self.attention.eliminate_zeros()
            others = self._attended(states)[~self._alone]
            self._mean_of_others = others.mean(axis=0) if len(others) else np.zeros(self.n_bits)

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``; friends' codes in turn, as they share sums."""
        if side == "friend":
            return self._friends(states, linear)
        if side == "user":
            attended = self._attended(states)
            attended[self._alone] = self._mean_of_others
            pull = self._weight * (attended + _signs(states["friend"]))
            rows = np.zeros(states[side].values.shape)
            rows[:, : self.n_bits] = pull
            linear = RowLinear(rows) + linear
        return super().half(side, states, linear, sweeps=sweeps, num_threads=num_threads)

    def _attended(self, states: States) -> Floats:
        return np.asarray(self.attention @ _signs(states["friend"]))

    def _friends(self, states: States, linear: RowLinear) -> int:
        """Exact descent over ``u``, user by user; no bit touches another bit."""
        users, friends = _signs(states["user"]), _signs(states["friend"])
        before = friends.copy()
        base = self._weight * users + self._own_linear(friends, linear)
        gap = users - self._attended(states)
        lists = self.attention.tocsc()
        quiet = np.diff(lists.indptr) == 0
        friends[quiet] = _keep_on_zero(base[quiet], friends[quiet])
        for t in np.flatnonzero(~quiet):
            entries = slice(lists.indptr[t], lists.indptr[t + 1])
            fans, share = lists.indices[entries], lists.data[entries]
            old = friends[t]
            q = base[t] + self._weight * (share @ gap[fans] + (share @ share) * old)
            new = _keep_on_zero(q, old)
            changed = new != old
            if changed.any():
                gap[fans] -= share[:, None] * (new - old)
                friends[t] = new
        states["friend"].values[:, : self.n_bits] = np.where(friends > 0, ONE, -ONE)
        return int((friends != before).sum())

    def _own_linear(self, friends: Floats, linear: RowLinear) -> Floats:
        """The sum of the linear terms, for codes as they were before the pass."""
        f, total = self.n_bits, np.zeros(friends.shape)
        if linear.rows is not None:
            total = total + linear.rows[:, :f]
        if linear.delegate is not None:
            centred = friends - linear.delegate.mean[:f]
            total = total + centred @ linear.delegate.matrix[:f, :f]
        return total

    def loss(self, states: States) -> float:
        """Squared errors of ratings, of attentive means and between a user's two codes."""
        users, friends = _signs(states["user"]), _signs(states["friend"])
        attended = self._attended(states)
        attended[self._alone] = self._mean_of_others
        social = float(((users - attended) ** 2).sum() + ((friends - users) ** 2).sum())
        return super().loss(states) + self._weight * social

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real-valued solution for the ratings; a user's two codes start alike."""
        states = super().start(weights, context, rounds=rounds)
        states["friend"] = SignState(states["user"].values.copy(), self.n_bits)
        return states


def _signs(state: SignState) -> Floats:
    return state.real()[:, : state.n_bits]


def _keep_on_zero(q: Floats, old: Floats) -> Floats:
    return np.where(q * old < -1e-9, -old, old)
