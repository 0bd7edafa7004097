# SPDX-License-Identifier: Apache-2.0
"""Self-paced descent on the order of rated pairs as a recipe part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.ranges import Above, Count, Main, NonNegative, Positive, ZeroOrMore
from hashrec_fast.roles import OrderTerm
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.dcd import DCD
from hashrec_fast.solvers.linear_terms import bind_linear_terms, read_linear
from hashrec_fast.solvers.state import SignState, padded_width


@dataclass(frozen=True, kw_only=True)
class SelfPacedDCD(DCD):
    """Bit-wise descent on the bound of a pairwise entropy, easy pairs first.

    After ``warm_rounds`` with all pairs, only pairs whose loss is below a limit count; the limit
    rises from stage to stage.

    Attributes
    ----------
    start, start_rounds, sweeps : as in :class:`DCD`
    rounds : int
        Rounds of one stage.
    warm_rounds : int
        Rounds with all pairs before the first stage.
    first_limit : float
        Limit of the first stage.
    last_limit : float
        Limit that no stage exceeds; below ``first_limit`` there are no stages.
    growth : float
        Factor of the limit from stage to stage.
    """

    rounds: Main[Count] = 2
    sweeps: Count = 100
    warm_rounds: ZeroOrMore = 2
    first_limit: Positive = 0.15
    last_limit: Main[NonNegative] = 3.0
    growth: Annotated[float, Above(1)] = 1.5

    def limits(self) -> Iterator[float]:
        """Limits of the stages in turn."""
        if not (self.first_limit > 0 and self.growth > 1):
            raise ValueError(
                "first_limit must be positive and growth above 1, got "
                f"{self.first_limit} and {self.growth}"
            )
        limit = self.first_limit
        while limit <= self.last_limit:
            yield limit
            limit *= self.growth

    def read(self, terms: Terms) -> object:
        """The cross-entropy of orders, linear terms and encoders."""
        return self._loss(terms), read_linear(terms)

    def _loss(self, terms: Terms) -> OrderTerm:
        return terms.one(OrderTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the order of the stored ratings of ``user_items``."""
        refuse_teacher(self, teacher)
        data_term = self._loss(terms).order_term(user_items, context.n_bits)
        states = self._start(data_term, user_items, terms, context)
        linear_terms = bind_linear_terms(terms, states, context)
        history: list[dict[str, float]] = []

        def keep(row: dict[str, float]) -> None:
            history.append({**row, "round": float(len(history)), "limit": data_term.limit})
            context.report(history[-1])

        for limit, rounds in [
            (np.inf, self.warm_rounds),
            *((s, self.rounds) for s in self.limits()),
        ]:
            data_term.limit = limit
            alternate(
                data_term,
                linear_terms,
                states,
                rounds=rounds,
                sweeps=self.sweeps,
                num_threads=context.num_threads,
                on_round=keep,
            )
        arrays = {name: a for term in linear_terms for name, a in term.export().items()}
        facts = {**RatingScale.of(user_items).facts(), "passes_taken_back": data_term.taken_back}
        return Solution(states["user"].codes(), states["item"].codes(), arrays, facts, history)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows: users by the order of their ratings, items by least squares.

        The pairs of a new item are with items that its users rated in training, which a model
        does not keep; its ratings are fitted as scores instead.
        """
        n_bits = context.n_bits
        own = SignState(np.zeros((rows.shape[0], padded_width(n_bits)), dtype=np.int16), n_bits)
        own.values[:, :n_bits] = 256
        other = fitted.item if side == "user" else fitted.user
        states = {"user": own, "item": SignState.from_codes(other, n_bits)}
        data_terms: list[Any] = [
            ObservedSquares.of_ratings(rows, RatingScale.from_facts(fitted.facts), n_bits)
        ]
        if side == "user":
            data_terms.append(self._loss(terms).order_term(rows, n_bits))
        for data_term in data_terms:
            for _ in range(3):
                if not data_term.half("user", states, NO_LINEAR, sweeps=self.sweeps, num_threads=1):
                    break
        return own.codes()
