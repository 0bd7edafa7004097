# SPDX-License-Identifier: Apache-2.0
"""Pointwise DCD as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.solvers.context import FitContext, Fitted, Terms
from hashrec_fast.solvers.dcd import (
    PointwiseProblem,
    relaxed_start,
    scale_targets,
    solve_pointwise,
)
from hashrec_fast.solvers.state import SignState, padded_width


@dataclass(frozen=True, kw_only=True)
class DCD:
    """Bit-wise discrete coordinate descent on the observed pairs.

    Attributes
    ----------
    start : {"relaxed", "random"}
        Signs of the real-valued solution, or random signs.
    start_rounds : int
        Rounds of the real-valued solution.
    rounds : int
        Most rounds of DCD; it ends earlier when no bit changes.
    sweeps : int
        Most sweeps over the bits of one row.
    """

    supported: ClassVar[frozenset[str]] = frozenset({"MSE", "BalanceDecorrelation"})
    start: Literal["relaxed", "random"] = "relaxed"
    start_rounds: int = 20
    rounds: int = 50
    sweeps: int = 5

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Fitted:
        """Fit codes to the stored ratings of ``user_items``."""
        if teacher is not None:
            raise ValueError("DCD has no use for a teacher; set teacher=None")
        alpha, beta = _penalties(terms)
        ratings = user_items.data.astype(np.float64)
        problem = PointwiseProblem(
            user_items, scale_targets(ratings, context.n_bits), context.n_bits
        )
        rng = context.rng
        if self.start == "relaxed":
            start = relaxed_start(
                problem,
                alpha,
                beta,
                rng,
                rounds=self.start_rounds,
                num_threads=context.num_threads,
            )
        elif self.start == "random":
            n_users, n_items = user_items.shape
            start = (
                SignState.random(n_users, context.n_bits, rng),
                SignState.random(n_items, context.n_bits, rng),
            )
        else:
            raise ValueError(f"start must be 'relaxed' or 'random', got {self.start!r}")
        result = solve_pointwise(
            problem,
            alpha,
            beta,
            rng,
            rounds=self.rounds,
            sweeps=self.sweeps,
            start=start,
            num_threads=context.num_threads,
            on_round=context.report,
        )
        limits = [float(ratings.min(initial=0)), float(ratings.max(initial=0))]
        return Fitted(
            result.user_codes,
            result.item_codes,
            facts={"rating_range": limits if len(ratings) else [0.0, 0.0]},
            history=result.history,
        )

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows from their ratings; no delegate, a single row cannot balance."""
        del terms
        n_bits = context.n_bits
        low, high = fitted.facts["rating_range"]
        other_codes = fitted.item if side == "user" else fitted.user
        if high > low:
            targets = n_bits * (2 * (rows.data.astype(np.float64) - low) / (high - low) - 1)
        else:
            targets = np.full(rows.nnz, float(n_bits))
        problem = PointwiseProblem(rows, np.clip(targets, -n_bits, n_bits), n_bits)
        other = SignState.from_codes(other_codes, n_bits)
        own = SignState(np.zeros((rows.shape[0], padded_width(n_bits)), dtype=np.int16), n_bits)
        own.values[:, :n_bits] = 256  # a fixed start makes the code a function of its row alone
        for _ in range(3):
            changed = problem.half(
                own,
                other,
                problem.by_user,
                None,
                0.0,
                sweeps=self.sweeps,
                num_threads=context.num_threads,
            )
            if changed == 0:
                break
        return own.codes()


def _penalties(terms: Terms) -> tuple[float, float]:
    constraint = terms.get("BalanceDecorrelation")
    return (constraint.alpha, constraint.beta) if constraint is not None else (0.0, 0.0)
