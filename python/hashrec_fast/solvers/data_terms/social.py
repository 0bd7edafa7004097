# SPDX-License-Identifier: Apache-2.0
"""Ratings and social links: user codes meet item codes and the codes of friends.

Objective: ``sum_O (t - b'd)^2 + weight sum_S (t_S - b_u'w_v)^2`` over links (u, v), where ``w`` is
a third matrix of codes. A user row is its items and, appended, its friends.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from hashrec_fast.contracts import FitContext, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.kernels.rows import RowPass
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.row_forms import rows_pass
from hashrec_fast.solvers.state import SignState, pair_scores


class SocialDataTerm(ObservedSquares):
    """Data term of ratings and of links to friends' codes.

    Parameters
    ----------
    user_items, scale, n_bits : as in :class:`ObservedSquares`
    social : csr_matrix (n_users, n_users)
        A stored entry (u, v) is a link of u to v; its value multiplies ``weight``.
    weight : float
    target : float
        Target score of a link, in units of ``n_bits``.
    """

    sides = ("user", "item", "friend")

    def __init__(
        self,
        user_items: sp.csr_matrix,
        scale: RatingScale,
        n_bits: int,
        social: sp.csr_matrix,
        weight: float,
        target: float,
    ) -> None:
        super().__init__(user_items, scale.targets(user_items, n_bits), n_bits, scale.facts())
        n_items = user_items.shape[1]
        link_target = target * n_bits
        weights = weight * social.data
        rows = sp.hstack([user_items, social], format="csr")
        # hstack keeps the order of entries: items first, then links, in every row
        is_link = rows.indices >= n_items
        quad, lin = np.ones(rows.nnz), np.empty(rows.nnz)
        quad[is_link] = weights
        lin[is_link] = weights * link_target
        lin[~is_link] = self.problem.by_user.linear
        self._user_rows, _ = both_orders(rows, quad, lin)
        links, self._friend_rows = both_orders(social, weights, weights * link_target)
        self._links, self._link_weights, self._link_target = links, weights, link_target
        self._link_rows = np.repeat(np.arange(social.shape[0]), np.diff(social.indptr))

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``; friends' codes see the users that link to them."""
        if side == "item":
            return super().half(side, states, linear, sweeps=sweeps, num_threads=num_threads)
        if side == "friend":
            entries, other = self._friend_rows, states["user"]
        else:
            entries = self._user_rows
            both = np.vstack([states["item"].values, states["friend"].values])
            other = SignState(both, self.n_bits)
        step = RowPass(
            entries=entries,
            linear=linear,
            block_bits=self.block_bits,
            sweeps=sweeps,
            num_threads=num_threads,
        )
        return rows_pass(states[side], other, step)

    def loss(self, states: States) -> float:
        """Squared errors of ratings and of links."""
        users, friends = states["user"].codes(), states["friend"].codes()
        scores = pair_scores(users, friends, self._link_rows, self._links.indices, self.n_bits)
        links = float((self._link_weights * (self._link_target - scores) ** 2).sum())
        return super().loss(states) + links

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of the real-valued solution for the ratings; friends start as their users."""
        states = super().start(weights, context, rounds=rounds)
        states["friend"] = SignState(states["user"].values.copy(), self.n_bits)
        return states
