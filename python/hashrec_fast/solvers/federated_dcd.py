# SPDX-License-Identifier: Apache-2.0
"""Federated discrete coordinate descent as a recipe part (LightFR), simulated in one process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.ranges import Count, Main, NonNegative, PositiveShare
from hashrec_fast.roles import RatingTerm
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.federation import Channel, Fleet, Plan, Server, run_federation
from hashrec_fast.solvers.new_rows import codes_of_new_rows


@dataclass(frozen=True, kw_only=True)
class FederatedDCD:
    """Devices keep ratings and user codes, a server learns item codes from their messages.

    Each round a part of the devices, drawn without replacement, fit their own codes until no bit
    flips and upload what ``hashrec_fast.solvers.federation.messages`` describes (and says what it
    gives away). This is a simulation of all devices in one process: only therefore can the fitted
    model hold ``user_codes_``; in a real federation each code stays on its device.

    Attributes
    ----------
    rounds : int
        Rounds of messages.
    fraction : float in (0, 1]
        Part of the devices asked per round.
    item_step : {"exact", "one_shot"}
        How item codes are updated: bit by bit or all bits at once. "exact" takes one message per
        bit, so that item codes take the steps of coordinate descent; "one_shot" one message per
        round, n_bits times fewer exchanges, and the loss may rise.
    item_sweeps : int
        Most sweeps over the bits per round of the exact step.
    inertia : float
        Factor of the self term in the one-shot step; larger values change fewer bits.
    negatives : float or None
        Unrated items that every device draws for itself, per rated one, as targets of
        ``-n_bits``. ``None`` draws 4 where all ratings are equal (implicit feedback), else none.
    """

    rounds: Main[Count] = 20
    fraction: Main[PositiveShare] = 0.6
    item_step: Literal["exact", "one_shot"] = "exact"
    item_sweeps: Count = 1
    inertia: NonNegative = 3.0
    negatives: NonNegative | None = None

    def read(self, terms: Terms) -> RatingTerm:
        """The squared error of the ratings."""
        return terms.one(RatingTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Simulate the federation on the stored ratings of ``user_items``."""
        refuse_teacher(self, teacher)
        plan = self._plan()
        scale = self.read(terms).rating_scale(user_items)
        pairs, targets = self._pairs(user_items, scale, context)
        fleet = Fleet(pairs, targets, context.n_bits, context.rng)
        server = Server(user_items.shape[1], context.n_bits, context.rng)
        channel = Channel()
        history = run_federation(
            fleet,
            server,
            channel,
            plan,
            context.rng,
            num_threads=context.num_threads,
            on_round=context.report,
        )
        n_other = max(1, user_items.shape[0] * user_items.shape[1] - user_items.nnz)
        share = (pairs.nnz - user_items.nnz) / n_other
        facts = {**scale.facts(), "negative_share": share, "bytes": channel.n_bytes}
        codes = fleet.collect_codes()
        return Solution(codes, server.publish().codes, facts=facts, history=list(history))

    def _plan(self) -> Plan:
        check_int(self.rounds, "rounds", minimum=1)
        check_int(self.item_sweeps, "item_sweeps", minimum=1)
        if not 0 < self.fraction <= 1:
            raise ValueError(f"fraction must be in (0, 1], got {self.fraction!r}")
        if self.item_step not in {"exact", "one_shot"}:
            raise ValueError(f"item_step must be 'exact' or 'one_shot', got {self.item_step!r}")
        if self.negatives is not None and not self.negatives >= 0:
            raise ValueError(f"negatives must be at least 0, got {self.negatives!r}")
        return Plan(
            rounds=self.rounds,
            fraction=self.fraction,
            item_step=self.item_step,
            item_sweeps=self.item_sweeps,
            inertia=self.inertia,
        )

    def _pairs(
        self, user_items: sp.csr_matrix, scale: RatingScale, context: FitContext
    ) -> tuple[sp.csr_matrix, NDArray[np.float64]]:
        """Rated pairs, and the negatives that every device draws among its unrated items."""
        targets = scale.targets(user_items, context.n_bits)
        times = self.negatives
        if times is None:
            times = 0.0 if scale.high > scale.low else 4.0
        if times == 0:
            return user_items, targets
        n_users, n_items = user_items.shape
        rated = np.diff(user_items.indptr)
        drawn = np.rint(rated * times).astype(np.int64)
        rows = np.concatenate([np.repeat(np.arange(n_users), n) for n in (rated, drawn)])
        items = context.rng.integers(0, n_items, int(drawn.sum()))
        # np.unique keeps the first of equal keys: rated pairs stand before the draws
        keys = rows * n_items + np.concatenate([user_items.indices, items])
        keys, first = np.unique(keys, return_index=True)
        indptr = np.searchsorted(keys, np.arange(n_users + 1) * n_items)
        values = np.full(len(keys), -float(context.n_bits))
        is_rated = first < user_items.nnz
        values[is_rated] = targets[first[is_rated]]
        columns = (keys % n_items).astype(np.int32)
        return sp.csr_matrix((values, columns, indptr), shape=user_items.shape), values

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows; instead of sampled negatives all unrated pairs pull weakly."""
        del terms
        scale, share = RatingScale.from_facts(fitted.facts), fitted.facts["negative_share"]
        data_term: Any = ObservedSquares.of_ratings(rows, scale, context.n_bits)
        if share > 0:
            targets = scale.targets(rows, context.n_bits)
            rest = {"rest_weight": share, "rest_target": -1.0}
            data_term = WeightedPairs(rows, targets, context.n_bits, **rest)
        other = fitted.item if side == "user" else fitted.user
        return codes_of_new_rows(
            data_term, rows.shape[0], other, sweeps=50, rounds=1, num_threads=context.num_threads
        )
