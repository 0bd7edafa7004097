# SPDX-License-Identifier: Apache-2.0
"""Implicit-feedback ALS as a part: the float reference, and the teacher of the default method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.ranges import Count, Main, Weight
from hashrec_fast.roles import ConfidenceTerm
from hashrec_fast.solvers.factors import ImplicitFactors, fold_in_factors


@dataclass(frozen=True, kw_only=True)
class ImplicitALS:
    """Whole-data alternating least squares (Hu, Koren and Volinsky, ICDM 2008).

    Attributes
    ----------
    n_factors : int or None
        Number of factors; ``None`` takes the model's ``n_bits``.
    alpha : float
        Confidence of an observed pair is ``1 + alpha``.
    reg : float
        Ridge weight, the same for all rows.
    iterations : int
        Rounds.
    cg_steps : int
        Conjugate-gradient steps per row and round.
    """

    real: ClassVar[bool] = True
    n_factors: Count | None = None
    alpha: Main[Weight] = 10.0
    reg: Main[Weight] = 30.0
    iterations: Count = 10
    cg_steps: Count = 3

    def start(
        self, user_items: sp.csr_matrix, n_factors: int, rng: np.random.Generator, num_threads: int
    ) -> ImplicitFactors:
        """Factors of this configuration before the first iteration."""
        return ImplicitFactors(
            user_items,
            self.n_factors or n_factors,
            alpha=self.alpha,
            reg=self.reg,
            cg_steps=self.cg_steps,
            rng=rng,
            num_threads=num_threads,
        )

    def read(self, terms: Terms) -> ConfidenceTerm:
        """The squares over all pairs, which leave confidences to the solver."""
        return terms.one(ConfidenceTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit factors to the stored pairs of ``user_items``."""
        refuse_teacher(self, teacher)
        self.read(terms)
        history: list[dict[str, Any]] = []

        def on_round(iteration: int) -> None:
            row = {"round": iteration}
            history.append(row)
            context.report(row)

        factors = self.start(user_items, context.n_bits, context.rng, context.num_threads)
        factors.run(self.iterations, on_round)
        return Solution(factors.user_factors, factors.item_factors, history=history)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.float32]:
        """Ridge solution of new rows, float32 (n_rows, n_factors)."""
        del terms
        other = fitted.item if side == "user" else fitted.user
        return fold_in_factors(
            rows, other, alpha=self.alpha, reg=self.reg, num_threads=context.num_threads
        )


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """A float model chosen on validation among ``candidates``.

    Each candidate runs ``trial_iterations``; the one with the best Recall@``k`` on at most
    ``validation_users`` users goes on to its full number of iterations.

    Attributes
    ----------
    candidates : tuple of ImplicitALS
        Settings that are tried; the best on validation is kept.
    trial_iterations : int
        Rounds of each trial.
    validation_users : int
        Most users whose held-out items a trial is measured by.
    k : int
        Length of the lists that trials are measured by.
    """

    candidates: tuple[ImplicitALS, ...]
    trial_iterations: Count = 5
    validation_users: Count = 4000
    k: Count = 50


def choose_teacher(
    teacher: Teacher | ImplicitALS, user_items: sp.csr_matrix, context: FitContext
) -> tuple[ImplicitFactors, dict[str, Any]]:
    """Fit the teacher on ``user_items``; returns it and the record of the choice.

    Without ``context.validation`` one pair in twenty is held out for the trials only, and the
    winner is fitted again on everything.
    """
    seeds = context.rng.spawn(2)
    if isinstance(teacher, ImplicitALS):
        teacher = Teacher(candidates=(teacher,))
    candidates = teacher.candidates
    if len(candidates) == 1:
        return _finish(candidates[0], None, user_items, seeds[0], context), {"teacher": 0}
    holdout = context.validation is None
    train, validation = user_items, context.validation
    if validation is None:
        train, validation = hold_out(user_items, 0.05, seeds[1])
    best, best_recall, best_factors = 0, -1.0, None
    recalls = []
    for index, candidate in enumerate(candidates):
        factors = candidate.start(train, 64, np.random.default_rng(0), context.num_threads)
        factors.run(min(teacher.trial_iterations, candidate.iterations))
        recall = factor_recall(factors, train, validation, teacher.k, teacher.validation_users)
        recalls.append(round(recall, 5))
        context.report({"stage": "teacher", "candidate": index, f"recall@{teacher.k}": recall})
        if recall > best_recall:
            best, best_recall, best_factors = index, recall, factors
    record = {"teacher": best, f"teacher_recall@{teacher.k}": recalls}
    if holdout:
        return _finish(candidates[best], None, user_items, seeds[0], context), record
    assert best_factors is not None
    done = min(teacher.trial_iterations, candidates[best].iterations)
    return _finish(candidates[best], (best_factors, done), user_items, seeds[0], context), record


def _finish(
    candidate: ImplicitALS,
    begun: tuple[ImplicitFactors, int] | None,
    user_items: sp.csr_matrix,
    rng: np.random.Generator,
    context: FitContext,
) -> ImplicitFactors:
    factors, done = begun or (candidate.start(user_items, 64, rng, context.num_threads), 0)

    def on_round(iteration: int) -> None:
        context.report({"stage": "teacher", "round": done + iteration})

    if candidate.iterations > done:
        factors.run(candidate.iterations - done, on_round)
    return factors


def hold_out(
    user_items: sp.csr_matrix, fraction: float, rng: np.random.Generator
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Split the stored pairs at random into (kept, held out), both CSR of the same shape."""
    held = rng.random(user_items.nnz) < fraction
    rows = np.repeat(np.arange(user_items.shape[0]), np.diff(user_items.indptr))

    def part(mask: NDArray[np.bool_]) -> sp.csr_matrix:
        index = (rows[mask], user_items.indices[mask])
        matrix = sp.csr_matrix((user_items.data[mask], index), shape=user_items.shape)
        matrix.sort_indices()
        return matrix

    return part(~held), part(held)


def factor_recall(
    factors: ImplicitFactors,
    seen: sp.csr_matrix,
    held_out: sp.csr_matrix,
    k: int,
    max_users: int,
) -> float:
    """Mean Recall@k over at most ``max_users`` users with held-out pairs (evenly spread)."""
    users = np.flatnonzero(np.diff(held_out.indptr))
    if len(users) == 0:
        return 0.0
    users = users[:: max(1, len(users) // max_users)]
    top = factors.top_items_of(users, seen[users], k)
    wanted = held_out[users]
    total = 0.0
    for row in range(len(users)):
        items = wanted.indices[wanted.indptr[row] : wanted.indptr[row + 1]]
        total += float(np.isin(items, top[row]).mean())
    return total / len(users)
