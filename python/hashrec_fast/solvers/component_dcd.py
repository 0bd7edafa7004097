# SPDX-License-Identifier: Apache-2.0
"""Discrete coordinate descent of compositional codes as a recipe part (CCCF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, LinearTerm, Solution, Terms, refuse_teacher
from hashrec_fast.ranges import Count, Main, Weight
from hashrec_fast.roles import CompositionTerm, DelegateTerm
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.anchors import component_weights, medoids, pair_up
from hashrec_fast.solvers.data_terms.components import ComponentDataTerm, component_sizes, join
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.real_factors import real_factors
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.linear_terms.balance import BalanceLinearTerm
from hashrec_fast.solvers.new_rows import codes_of_new_rows
from hashrec_fast.solvers.state import SignState


@dataclass(frozen=True, kw_only=True)
class ComponentDCD:
    """Bit-wise descent over one short code per component, component weights fixed.

    ``n_bits`` is the number of bits stored per row, shared out among the components as evenly as
    can be; with fewer bits than components the empty ones are dropped.

    Attributes
    ----------
    rounds : int
        Most rounds.
    sweeps : int
        Most sweeps over the bits of a row.
    mf_factors : int
        Number of the real factors whose medoids are the anchors.
    mf_rounds : int
        Rounds of the alternating least squares that give the real factors.
    mf_reg : float
        Ridge weight of the real factors.
    """

    rounds: Main[Count] = 10
    sweeps: Count = 10
    mf_factors: Count = 8
    mf_rounds: Count = 10
    mf_reg: Weight = 0.1

    def read(self, terms: Terms) -> CompositionTerm:
        """The composed squares; the weights of delegates are noted as read."""
        terms.maybe(DelegateTerm)
        return terms.one(CompositionTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the stored ratings of ``user_items``."""
        refuse_teacher(self, teacher)
        term, n_bits = self.read(terms), context.n_bits
        scale = term.composed_scale(user_items)
        sizes = component_sizes(n_bits, term.components)
        eta, xi = self._weights(user_items, scale, len(sizes), term.bandwidth, context)
        data_term = ComponentDataTerm(user_items, scale.targets(user_items, n_bits), sizes, eta, xi)
        rows = dict(zip(("user", "item"), user_items.shape, strict=True))
        states: dict[str, SignState] = {}
        for g, size in enumerate(sizes):
            part = random_states(rows, size, context.rng)
            states |= {f"{side}{g}": state for side, state in part.items()}
        data_term.loss(states)  # residuals at the start
        history = alternate(
            data_term,
            self._linear_terms(terms, states, context),
            states,
            rounds=self.rounds,
            sweeps=self.sweeps,
            num_threads=context.num_threads,
            on_round=context.report,
        )
        data_term.fill_free(states, sweeps=self.sweeps, num_threads=context.num_threads)
        users, items = (join(states, side, len(sizes)).codes() for side in rows)
        arrays = {"user_weights": eta, "item_weights": xi}
        facts = {**scale.facts(), "component_sizes": sizes}
        return Solution(users, items, arrays, facts, list(history))

    def _weights(
        self,
        user_items: sp.csr_matrix,
        scale: RatingScale,
        n_components: int,
        bandwidth: float,
        context: FitContext,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        factors = real_factors(
            user_items, scale, self.mf_factors, context, reg=self.mf_reg, rounds=self.mf_rounds
        )
        users, items = (x[medoids(x, n_components, context.rng)] for x in factors)
        items = items[pair_up(users, items)]
        return (
            component_weights(factors[0], users, bandwidth),
            component_weights(factors[1], items, bandwidth),
        )

    def _linear_terms(
        self, terms: Terms, states: dict[str, SignState], context: FitContext
    ) -> list[LinearTerm]:
        balance = terms.maybe(DelegateTerm)
        if balance is None:
            return []
        weights = {side: balance.delegate_weight(side) for side in ("user", "item")}
        return [
            BalanceLinearTerm(side, weights[side[:4]], states, context.rng)
            for side in states
            if weights[side[:4]] > 0
        ]

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows from their ratings, all components weighed alike."""
        del terms
        data_term = ObservedSquares.of_ratings(
            rows, RatingScale.from_facts(fitted.facts), context.n_bits
        )
        other = fitted.item if side == "user" else fitted.user
        return codes_of_new_rows(
            data_term, rows.shape[0], other, sweeps=50, rounds=1, num_threads=context.num_threads
        )


def weighted_factors(fitted: Solution) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Factors whose inner products are the exact weighted scores of a compositional model.

    The codes alone are searched with equal weights. For the scores of the paper use these with
    ``FloatScan`` or to rerank candidates.

    Parameters
    ----------
    fitted : ``model.fitted_`` of a method trained by :class:`ComponentDCD`

    Returns
    -------
    users, items : float32 (n_users, n_bits), (n_items, n_bits)
        ``sum_g eta_ug xi_ig b_ug'd_ig = users[u] @ items[i]``.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sp
    >>> import hashrec_fast as hf
    >>> from hashrec_fast.solvers.component_dcd import weighted_factors
    >>> ratings = sp.csr_matrix(np.random.default_rng(0).integers(0, 6, (30, 20)))
    >>> model = hf.create("cccf", n_bits=16, random_state=0).fit(ratings, show_progress=False)
    >>> users, items = weighted_factors(model.fitted_)
    >>> (users @ items.T).shape
    (30, 20)
    """
    sizes = fitted.facts["component_sizes"]
    both = []
    for codes, name in ((fitted.user, "user_weights"), (fitted.item, "item_weights")):
        signs = SignState.from_codes(codes, sum(sizes)).real()[:, : sum(sizes)]
        both.append((signs * np.repeat(fitted.arrays[name], sizes, axis=1)).astype(np.float32))
    return both[0], both[1]
