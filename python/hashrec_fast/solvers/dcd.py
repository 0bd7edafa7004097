# SPDX-License-Identifier: Apache-2.0
"""Pointwise discrete coordinate descent with delegates (survey eqs. 35-44, corrected).

Objective on the raw scale: ``sum_O (t - b'd)^2 - 2 alpha tr(B'X) - 2 beta tr(D'Y)`` with targets
``t`` in [-f, f]; X and Y are the delegates of balance and decorrelation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.solvers.delegates import Delegate, make_delegate
from hashrec_fast.solvers.entries import EntryLists, both_orders
from hashrec_fast.solvers.factors import padded_factors
from hashrec_fast.solvers.state import SignState, pair_scores
from hashrec_fast.solvers.whole_data import SolverResult


def scale_targets(ratings: NDArray[np.float64], n_bits: int) -> NDArray[np.float64]:
    """Ratings to scores in [-f, f]; all-equal (implicit) ratings become f."""
    low, high = float(ratings.min(initial=np.inf)), float(ratings.max(initial=-np.inf))
    if not high > low:
        return np.full(len(ratings), float(n_bits))
    return n_bits * (2 * (ratings - low) / (high - low) - 1)


class PointwiseProblem:
    """Targets of the observed pairs, in row and in column order."""

    def __init__(
        self, user_items: sp.csr_matrix, targets: NDArray[np.float64], n_bits: int
    ) -> None:
        self.n_bits, self.shape = n_bits, user_items.shape
        self.by_user, self.by_item = both_orders(user_items, None, targets)
        self.rows = np.repeat(np.arange(self.shape[0]), np.diff(user_items.indptr))

    def half(
        self,
        own: SignState,
        other: SignState,
        entries: EntryLists,
        delegate: Delegate | None,
        weight: float,
        *,
        sweeps: int,
        num_threads: int,
    ) -> int:
        """One pass over the rows of one side; returns the number of bits changed."""
        extra: dict[str, Any] = (
            {} if delegate is None or weight == 0 else delegate.arguments(weight)
        )
        return _core.row_pass(
            own.values,
            self.n_bits,
            other.values,
            entries.indptr,
            entries.indices,
            None,
            entries.linear,
            other_codes=other.codes(),
            sweeps=sweeps,
            num_threads=num_threads,
            **extra,
        )

    def loss(self, user_codes: NDArray[np.uint64], item_codes: NDArray[np.uint64]) -> float:
        """Sum of squared errors over the observed pairs."""
        columns = self.by_user.indices
        scores = pair_scores(user_codes, item_codes, self.rows, columns, self.n_bits)
        return float(((self.by_user.linear - scores) ** 2).sum())


def relaxed_start(
    problem: PointwiseProblem,
    alpha: float,
    beta: float,
    rng: np.random.Generator,
    *,
    rounds: int,
    num_threads: int,
) -> tuple[SignState, SignState]:
    """Signs of the real-valued solution of the same objective (the paper's initialisation).

    Ridge weight of row u is ``alpha |O_u|`` as in the authors' code, at least 1e-3.
    """
    f = problem.n_bits
    width = padded_factors(f)

    def start(n: int) -> NDArray[np.float32]:
        x = np.zeros((n, width), dtype=np.float32)
        x[:, :f] = rng.random((n, f), dtype=np.float32)
        return x

    users, items = start(problem.shape[0]), start(problem.shape[1])
    sides = ((users, items, problem.by_user, alpha), (items, users, problem.by_item, beta))
    for _ in range(rounds):
        for own, other, entries, weight in sides:
            lengths = np.diff(entries.indptr).astype(np.float32)
            _core.ridge_pass(
                own,
                other,
                entries.indptr,
                entries.indices,
                use_gram=False,
                quad=1.0,
                lin=entries.linear.astype(np.float32),
                reg=0.0,
                row_reg=np.maximum(np.float32(weight) * lengths, np.float32(1e-3)),
                row_linear=_real_delegate(own, f, weight),
                steps=min(f, 10),
                num_threads=num_threads,
            )
    return SignState.from_signs(users[:, :f]), SignState.from_signs(items[:, :f])


def _real_delegate(x: NDArray[np.float32], f: int, weight: float) -> NDArray[np.float32] | None:
    """``weight`` times the delegate of a real matrix; empty directions stay zero."""
    if weight == 0 or len(x) <= f:
        return None
    centred = (x[:, :f] - x[:, :f].mean(axis=0)).astype(np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    keep = values > 1e-8 * max(1.0, float(values[-1]))
    root = (vectors[:, keep] / np.sqrt(values[keep])) @ vectors[:, keep].T
    out = np.zeros_like(x)
    out[:, :f] = weight * np.sqrt(len(x)) * (centred @ root)
    return out


def solve_pointwise(
    problem: PointwiseProblem,
    alpha: float,
    beta: float,
    rng: np.random.Generator,
    *,
    rounds: int = 50,
    sweeps: int = 5,
    start: tuple[SignState, SignState],
    num_threads: int = 0,
    on_round: Callable[[dict[str, float]], None] | None = None,
) -> SolverResult:
    """Alternate user pass, item pass and delegates until no bit changes."""
    users, items = start
    x, y = make_delegate(users, rng), make_delegate(items, rng)
    history: list[dict[str, float]] = []
    for r in range(rounds):
        changed = 0
        for own, other, entries, pull, weight in (
            (users, items, problem.by_user, x, alpha),
            (items, users, problem.by_item, y, beta),
        ):
            changed += problem.half(
                own, other, entries, pull, weight, sweeps=sweeps, num_threads=num_threads
            )
        x, y = make_delegate(users, rng), make_delegate(items, rng)
        loss = problem.loss(users.codes(), items.codes())
        objective = loss - 2 * alpha * x.trace - 2 * beta * y.trace
        row = {
            "round": float(r),
            "bits_changed": float(changed),
            "objective": objective / (problem.n_bits**2 * max(1, len(problem.rows))),
        }
        history.append(row)
        if on_round is not None:
            on_round(row)
        if changed == 0:
            break
    return SolverResult(users.codes(), items.codes(), history)
