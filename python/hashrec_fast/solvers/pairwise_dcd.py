# SPDX-License-Identifier: Apache-2.0
"""Pairwise discrete coordinate descent as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, LinearTerm, Solution, States, Terms, refuse_teacher
from hashrec_fast.kernels.pairwise import PairwisePass, UserSums, pairwise_item_pass
from hashrec_fast.ranges import Count, Main
from hashrec_fast.roles import PairwiseTerm
from hashrec_fast.solvers.data_terms.pairwise import (
    Order,
    PairwiseDataTerm,
    pair_weights,
    user_pass,
)
from hashrec_fast.solvers.dcd import DCD
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.solvers.linear_terms import bind_linear_terms, read_linear
from hashrec_fast.solvers.linear_terms.scaled import ScaledLinearTerm
from hashrec_fast.solvers.state import SignState, padded_width


@dataclass(frozen=True, kw_only=True)
class PairwiseDCD(DCD):
    """Bit-wise descent on squared score differences of all pairs (DPR; survey eq. 18).

    The objective is a sum over users. Delegates weigh as they do in every method, against that
    sum (the authors divide it by the number of users m, so their alpha is ours over m); any other
    linear term is a mean over the rows of its side, times m.

    Attributes
    ----------
    start, start_rounds, rounds : as in :class:`DCD`
    sweeps : int
        Most sweeps over the bits of one row, which is swept until no bit flips.
    item_order : {"sequential", "parallel"}
        Whether an item sees the moves of the items before it. The costly part of a row runs in
        parallel either way.
    """

    rounds: Main[Count] = 10
    sweeps: Count = 100
    item_order: Order = "sequential"

    def read(self, terms: Terms) -> object:
        """The squared error of score differences, linear terms and encoders."""
        return self._loss(terms), read_linear(terms)

    def _loss(self, terms: Terms) -> PairwiseTerm:
        return terms.one(PairwiseTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the positives of ``user_items``."""
        refuse_teacher(self, teacher)
        margin = self._loss(terms).pairwise_margin(context.n_bits)
        data_term = PairwiseDataTerm(user_items, context.n_bits, margin, item_order=self.item_order)
        states = self._start(data_term, user_items, terms, context)
        linear_terms = scaled_linear_terms(bind_linear_terms(terms, states, context), states)
        fitted = self._descend(data_term, linear_terms, states, context)
        fitted.arrays |= data_term.arrays(states)
        fitted.facts["passes_taken_back"] = data_term.taken_back
        return fitted

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new users or new items; a row's code depends on nothing but the row.

        The pairs of a new item are those of training with one item more, the users' numbers of
        positives left as they were.
        """
        n_bits = context.n_bits
        margin = self._loss(terms).pairwise_margin(n_bits)
        own = SignState(np.zeros((rows.shape[0], padded_width(n_bits)), dtype=np.int16), n_bits)
        own.values[:, :n_bits] = 256
        users, items = (SignState.from_codes(codes, n_bits) for codes in (fitted.user, fitted.item))
        n_items = len(items.values)
        positives = (
            np.diff(rows.indptr).astype(np.float64)
            if side == "user"
            else fitted.arrays["positives"]
        )
        step = PairwisePass(
            positives=csr_parts(rows),
            pair_weight=pair_weights(positives, n_items),
            margin=margin,
            sweeps=self.sweeps,
            num_threads=context.num_threads,
        )
        if side == "user":
            user_pass(own, items, step)
        else:
            own_score = fitted.arrays["own_score"].copy()
            sums = UserSums(positives, own_score, items.total(), n_items)
            pairwise_item_pass(own.values, n_bits, users.values, step, sums=sums, sequential=False)
        return own.codes()


def scaled_linear_terms(linear_terms: list[LinearTerm], states: States) -> list[LinearTerm]:
    """Linear terms beside a sum over users: a mean over rows grows with the number of users.

    A term that is a sum already says so by a true ``is_sum``; others are taken for means.
    """
    n_users = len(states["user"].values)
    return [
        term
        if getattr(term, "is_sum", False)
        else ScaledLinearTerm(term, n_users / len(states[term.side].values))
        for term in linear_terms
    ]
