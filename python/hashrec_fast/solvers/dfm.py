# SPDX-License-Identifier: Apache-2.0
"""Discrete factorization machines (Liu et al., IJCAI 2018) as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, LinearTerm, Solution, States, Terms, refuse_teacher
from hashrec_fast.kernels.packing import pack, unpack
from hashrec_fast.kernels.rows import RowPass
from hashrec_fast.ranges import Count, Main, ZeroOrMore
from hashrec_fast.roles import DelegateTerm, MachineTerm
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.start import random_states, relaxed_states
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.dcd import delegate_weights
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.fm import FMDataTerm, frequent_columns, unit_features
from hashrec_fast.solvers.linear_terms.balance import BalanceLinearTerm
from hashrec_fast.solvers.row_forms import rows_pass
from hashrec_fast.solvers.state import SignState


@dataclass(frozen=True, kw_only=True)
class DFM:
    """Coordinate descent over user codes, item codes, feature codes and linear weights.

    Attributes
    ----------
    start : {"relaxed", "random"}
        User and item codes at the start: signs of the real-valued solution without features, or
        random ones. Feature codes start at random.
    start_rounds : int
        Rounds of the real-valued solution.
    rounds : int
        Most rounds; it ends earlier when no bit changes.
    sweeps : int
        Most sweeps over the bits of one row.
    """

    exports: ClassVar[frozenset[str]] = frozenset({"item_bias"})
    start: Literal["relaxed", "random"] = "relaxed"
    start_rounds: ZeroOrMore = 20
    rounds: Main[Count] = 20
    sweeps: Count = 5

    def read(self, terms: Terms) -> MachineTerm:
        """The machine's squares; the weights of delegates are noted as read."""
        terms.maybe(DelegateTerm)
        return terms.one(MachineTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes and weights to the stored ratings."""
        refuse_teacher(self, teacher)
        term, n_bits = self.read(terms), context.n_bits
        if term.n_features < 0:
            raise ValueError(f"n_features must not be negative, got {term.n_features}")
        scale = term.machine_scale(user_items)
        views = context.side_info.item_features
        table = sp.hstack(views, format="csr") if views else sp.csr_matrix((user_items.shape[1], 0))
        columns = frequent_columns(table, term.n_features)
        data_term = FMDataTerm(
            user_items,
            2 * scale.targets(user_items, n_bits),
            unit_features(table, columns),
            n_bits,
            term.reg,
        )
        states = self._start(user_items, data_term, scale, terms, context)
        history = alternate(
            data_term,
            _linear_terms(states, terms, context),
            states,
            rounds=self.rounds,
            sweeps=self.sweeps,
            num_threads=context.num_threads,
            on_round=context.report,
        )
        return _result(data_term, states, columns, scale, history)

    def _start(
        self,
        user_items: sp.csr_matrix,
        data_term: FMDataTerm,
        scale: RatingScale,
        terms: Terms,
        context: FitContext,
    ) -> States:
        n_users, n_items = user_items.shape
        rows = {"user": n_users, "item": n_items, "feature": data_term.features.shape[1]}
        rows = {side: n for side, n in rows.items() if n > 0}
        states = random_states(rows, context.n_bits, context.rng)
        if self.start == "relaxed":
            weights = delegate_weights(terms)
            lists = both_orders(user_items, None, scale.targets(user_items, context.n_bits))
            states |= relaxed_states(
                lists,
                weights,
                context.n_bits,
                context.rng,
                rounds=self.start_rounds,
                threads=context.num_threads,
            )
        elif self.start != "random":
            raise ValueError(f"start must be 'relaxed' or 'random', got {self.start!r}")
        return states

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows from their ratings; their own linear weight counts as zero."""
        del terms
        n_bits, arrays = context.n_bits, fitted.arrays
        targets = 2 * RatingScale.from_facts(fitted.facts).targets(rows, n_bits)
        other = "item" if side == "user" else "user"
        targets = targets - fitted.facts["constant"] - arrays[f"{other}_bias"][rows.indices]
        lists = both_orders(rows, None, targets)[0]
        own = SignState.from_signs(np.ones((rows.shape[0], n_bits)))
        step = RowPass(entries=lists, sweeps=3 * self.sweeps, num_threads=context.num_threads)
        if side == "user":
            rows_pass(own, _item_design(fitted, own.values.shape[1]), step)
        else:
            rows_pass(own, SignState.from_codes(fitted.user, n_bits), step)
        return own.codes()

    def feature_sides(self, terms: Terms) -> frozenset[str]:
        """Sides whose new rows can be encoded from features alone: the items."""
        del terms
        return frozenset({"item"})

    def encode(
        self, features: tuple[sp.csr_matrix, ...], side: str, fitted: Solution, terms: Terms
    ) -> NDArray[np.uint64]:
        """Codes ``sign(sum_j F_ij c_j)`` of items without ratings, zero counting as +1."""
        del side, terms
        table = sp.hstack(features, format="csr")
        part = unit_features(table, fitted.arrays["feature_columns"])
        return pack(part @ _signs(fitted.arrays["feature_codes"], fitted.facts["n_bits"]))


def fm_scores(
    fitted: Solution, users: NDArray[np.integer[Any]], items: NDArray[np.integer[Any]] | None = None
) -> NDArray[np.float64]:
    """Exact scores of a fitted DFM, linear terms included.

    Parameters
    ----------
    fitted : Solution
        ``model.fitted_`` of a model of the method ``dfm``.
    users : integer array (n,)
    items : integer array (m,) or None
        ``None`` stands for all items.

    Returns
    -------
    float64 (n, m)
        ``w_0 + w'x + u'(v_i + sum_j F_ij c_j)``, in [-2f, 2f] but for the linear terms.

    Examples
    --------
    >>> import hashrec_fast as hf
    >>> data = hf.data.generate(n_users=30, n_items=20, random_state=0)
    >>> model = hf.create("dfm", n_bits=16, random_state=0).fit(data.user_items)
    >>> fm_scores(model.fitted_, np.array([0, 1])).shape
    (2, 20)
    """
    arrays, n_bits = fitted.arrays, fitted.facts["n_bits"]
    chosen = slice(None) if items is None else items
    vectors = _signs(arrays["item_part"][chosen], n_bits) + arrays["feature_part"][chosen]
    scores = _signs(fitted.user[users], n_bits) @ vectors.T
    linear = arrays["user_bias"][users][:, None] + arrays["item_bias"][chosen]
    return np.asarray(scores + linear + fitted.facts["constant"])


def _linear_terms(states: States, terms: Terms, context: FitContext) -> list[LinearTerm]:
    balance = terms.maybe(DelegateTerm)
    if balance is None:
        return []
    return [
        BalanceLinearTerm(side, balance.delegate_weight(side), states, context.rng)
        for side in states
    ]


def _result(
    data_term: FMDataTerm,
    states: States,
    columns: NDArray[np.int64],
    scale: RatingScale,
    history: list[dict[str, float]],
) -> Solution:
    n_bits = data_term.n_bits
    n_users, n_items = (len(states[side].values) for side in ("user", "item"))
    constant, user, item, feature = np.split(data_term.weights, np.cumsum([1, n_users, n_items]))
    own = states["item"].real()[:, :n_bits]
    part = data_term.feature_part(states)[:, :n_bits]
    both = own + part
    empty = np.zeros((0, (n_bits + 63) // 64), dtype=np.uint64)
    arrays = {
        "item_part": states["item"].codes(),
        "feature_part": part,
        "feature_codes": states["feature"].codes() if "feature" in states else empty,
        "feature_columns": columns,
        "user_bias": user,
        "item_bias": item + data_term.features @ feature,
    }
    facts = {"n_bits": n_bits, "constant": float(constant[0]), **scale.facts()}
    codes = pack(np.where(both == 0, own, both))
    return Solution(states["user"].codes(), codes, arrays, facts, list(history))


def _item_design(fitted: Solution, width: int) -> NDArray[np.float32]:
    """Design that users' codes meet: the items' own codes plus those of their features."""
    n_bits = fitted.facts["n_bits"]
    design = np.zeros((len(fitted.item), width), dtype=np.float32)
    signs = _signs(fitted.arrays["item_part"], n_bits)
    design[:, :n_bits] = signs + fitted.arrays["feature_part"]
    return design


def _signs(codes: NDArray[np.uint64], n_bits: int) -> NDArray[np.float64]:
    return unpack(codes, n_bits).astype(np.float64)
