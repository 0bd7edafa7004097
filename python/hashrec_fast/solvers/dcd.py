# SPDX-License-Identifier: Apache-2.0
"""Discrete coordinate descent as a recipe part: any pointwise data term, any linear terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import (
    DataTerm,
    FitContext,
    LinearTerm,
    PointwiseDataTerm,
    Solution,
    StartingDataTerm,
    States,
    Terms,
    meaning,
    refuse_teacher,
)
from hashrec_fast.kernels.packing import pack
from hashrec_fast.ranges import Between, Count, Main, ZeroOrMore
from hashrec_fast.roles import DelegateTerm, JointTerm, PairTerm
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.pair_sum import PairRequest, PairSum
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.linear_terms import (
    bind_linear_terms,
    encode_features,
    encoded_sides,
    read_linear,
)
from hashrec_fast.solvers.new_rows import codes_of_new_rows


class PointwiseTerms(NamedTuple):
    """Data terms of pointwise descent: one that brings its own passes, or squares to add up."""

    joint: JointTerm | None
    pairs: tuple[PairTerm, ...]


@dataclass(frozen=True, kw_only=True)
class DCD:
    """Bit-wise discrete coordinate descent on weighted pairs (survey eqs. 35-44, corrected).

    Attributes
    ----------
    start : {"relaxed", "random"}
        Codes at the start: signs of the real-valued solution, or random signs.
    start_rounds : int
        Rounds of the real-valued solution.
    rounds : int
        Most rounds of DCD; it ends earlier when no bit changes.
    sweeps : int
        Most sweeps over the bits of one row.
    block_bits : int
        Neighbouring bits chosen together by trying all ``2 ** block_bits`` values, 1 to 12; 1 is
        one bit at a time.
    """

    start: Literal["relaxed", "random"] = "relaxed"
    start_rounds: ZeroOrMore = 20
    rounds: Main[Count] = 50
    sweeps: Count = 5
    block_bits: Annotated[int, Between(1, 12)] = 1

    def read(self, terms: Terms) -> object:
        """Data terms, linear terms and encoders."""
        return read_pointwise(terms, type(self).__name__), read_linear(terms)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the stored ratings of ``user_items``."""
        refuse_teacher(self, teacher)
        data_term = pointwise_term(user_items, terms, context)
        self._set_blocks(data_term)
        states = self._start(data_term, user_items, terms, context)
        fitted = self._descend(
            data_term, bind_linear_terms(terms, states, context), states, context
        )
        fitted.arrays |= {
            f"{side}_codes": state.codes()
            for side, state in states.items()
            if side not in {"user", "item"}
        }
        fitted.facts |= data_term.facts()
        return fitted

    def _descend(
        self,
        data_term: DataTerm,
        linear_terms: Sequence[LinearTerm],
        states: States,
        context: FitContext,
    ) -> Solution:
        """Alternate over the sides; codes, history and what the linear terms keep."""
        history = alternate(
            data_term,
            linear_terms,
            states,
            rounds=self.rounds,
            sweeps=self.sweeps,
            num_threads=context.num_threads,
            on_round=context.report,
        )
        arrays = {name: a for term in linear_terms for name, a in term.export().items()}
        codes = (states["user"].codes(), states["item"].codes())
        return Solution(*codes, arrays, history=list(history))

    def _set_blocks(self, data_term: Any) -> None:
        if not 1 <= self.block_bits <= 12:
            raise ValueError(f"block_bits must be from 1 to 12, got {self.block_bits}")
        if self.block_bits > 1 and not hasattr(data_term, "block_bits"):
            raise ValueError(f"{type(data_term).__name__} goes bit by bit, got block_bits > 1")
        data_term.block_bits = self.block_bits

    def _start(
        self,
        data_term: StartingDataTerm,
        user_items: sp.csr_matrix,
        terms: Terms,
        context: FitContext,
    ) -> States:
        if self.start == "relaxed":
            weights = delegate_weights(terms)
            return data_term.start(weights, context, rounds=self.start_rounds)
        if self.start == "random":
            n_users, n_items = user_items.shape
            rows = {"user": n_users, "item": n_items, "friend": n_users}
            return random_states(
                {side: rows[side] for side in data_term.sides}, context.n_bits, context.rng
            )
        raise ValueError(f"start must be 'relaxed' or 'random', got {self.start!r}")

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows from their ratings; no delegate, a single row cannot balance."""
        n_bits = context.n_bits
        request = PairRequest(n_bits=n_bits, rng=context.rng, facts=fitted.facts)
        data_term = sum_of(terms.every(PairTerm), rows, request).data_term(n_bits)
        self._set_blocks(data_term)
        other = fitted.item if side == "user" else fitted.user
        return codes_of_new_rows(
            data_term, rows.shape[0], other, sweeps=self.sweeps, num_threads=context.num_threads
        )

    def feature_sides(self, terms: Terms) -> frozenset[str]:
        """Sides whose new rows can be encoded from features alone."""
        return encoded_sides(terms)

    def encode(
        self, features: tuple[sp.csr_matrix, ...], side: str, fitted: Solution, terms: Terms
    ) -> NDArray[np.uint64]:
        """Codes of rows without interactions from their features, uint64 (n, n_words)."""
        return pack(encode_features(features, side, fitted.arrays, terms))


def read_pointwise(terms: Terms, reader: str) -> PointwiseTerms:
    """The data terms that can be fitted together.

    One term that brings its own passes reads its partners itself. Otherwise squares are added up;
    beside a loss that is known by its bound alone a second loss of stored pairs stays unread.
    """
    pairs, joint = terms.look(PairTerm), terms.maybe(JointTerm)
    if joint is not None:
        joint.read_partners(terms)
        return PointwiseTerms(joint, ())
    mains = [term for term in pairs if term.main]
    others = [term for term in pairs if not term.main]
    if not mains:
        if others:
            raise ValueError(
                f"{type(others[0]).__name__} means nothing alone; "
                f"add {meaning(PairTerm)} to the objective"
            )
        raise ValueError(f"{reader} needs {meaning(PairTerm)}, got {terms.names() or 'no terms'}")
    if any(getattr(term, "majorised", False) for term in mains):
        return PointwiseTerms(None, tuple(terms.take(term) for term in (mains[0], *others)))
    return PointwiseTerms(None, terms.every(PairTerm))


def pointwise_term(
    user_items: sp.csr_matrix, terms: Terms, context: FitContext
) -> PointwiseDataTerm:
    """The data term of a recipe's terms, bound to data."""
    joint, pairs = read_pointwise(terms, DCD.__name__)
    if joint is not None:
        return joint.data_term(user_items, terms, context)
    request = PairRequest(n_bits=context.n_bits, rng=context.rng, side_info=context.side_info)
    return sum_of(pairs, user_items, request).data_term(context.n_bits)


def sum_of(pairs: Sequence[PairTerm], rows: sp.csr_matrix, request: PairRequest) -> PairSum:
    """Sum of what the terms give for the stored pairs of ``rows``."""
    mains = [term for term in pairs if term.main]
    parts = [term.pair_sum(rows, request) for term in mains]
    parts += [term.pair_sum(rows, request) for term in pairs if not term.main]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def delegate_weights(terms: Terms) -> tuple[float, float]:
    """Weights of the delegates of users and items, zero without such a term."""
    term = terms.maybe(DelegateTerm)
    if term is None:
        return 0.0, 0.0
    return term.delegate_weight("user"), term.delegate_weight("item")
