# SPDX-License-Identifier: Apache-2.0
"""Whole-data DCD as a recipe part: with a teacher annealed, without one hard and validated."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.kernels.ranks import rank_counts_codes
from hashrec_fast.ranges import Count, Minor
from hashrec_fast.roles import SoftPositiveTerm, WholeDataTerm
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.solvers.fold_in import fold_in_whole_data
from hashrec_fast.solvers.implicit_als import (
    ImplicitALS,
    Teacher,
    choose_teacher,
    hold_out,
)
from hashrec_fast.solvers.whole_data import (
    Schedule,
    SolverResult,
    WholeDataLoss,
    WholeDataProblem,
    solve_whole_data,
)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Objective and schedule for use without a teacher.

    Attributes
    ----------
    name : str
        What it is called in reports and among parameters.
    objective : tuple of terms
        In place of the recipe's own.
    schedule : Schedule
        Rounds.
    """

    name: str
    objective: tuple[Any, ...]
    schedule: Schedule


@dataclass(frozen=True, kw_only=True)
class WholeDataDCD:
    """Whole-data discrete coordinate descent with mean-field annealing.

    Attributes
    ----------
    schedule : Schedule
        Rounds used with a teacher.
    without_teacher : tuple of Variant
        Settings tried where the recipe has no teacher; the best on validation is kept. Without
        any, the recipe's own terms and schedule are used.
    validation_k : int
        Length of the list that the choice looks at.
    """

    schedule: Schedule = field(default_factory=Schedule)
    without_teacher: Minor[tuple[Variant, ...]] = ()
    validation_k: Count = 50

    def __post_init__(self) -> None:
        for variant in self.without_teacher:
            terms = Terms(variant.objective)
            self._objective(terms)
            if lost := terms.unread():
                raise ValueError(
                    f"variant {variant.name!r} has no use for {type(lost[0]).__name__}"
                )

    def check_teacher(self, teacher: Any) -> None:
        """Raise ``ValueError`` for a teacher that is no choice of factors."""
        if not isinstance(teacher, Teacher | ImplicitALS):
            raise ValueError(
                f"WholeDataDCD has no use for {type(teacher).__name__} as a teacher; "
                "give Teacher or ImplicitALS"
            )

    def idle(self, teacher: Any) -> dict[tuple[str | int, ...], str]:
        """Fields of a recipe that are not read beside its teacher, and why, by their path."""
        if teacher is not None or not self.without_teacher:
            return {}
        reason = (
            "with teacher=None the variants of without_teacher say it; change those, or set "
            "without_teacher=() to fit this objective by this schedule"
        )
        return dict.fromkeys([("objective",), ("strategy", "solver", "schedule")], reason)

    def read(self, terms: Terms) -> tuple[WholeDataLoss, SoftPositiveTerm | None]:
        """Weights of the objective, and the term that wants soft positives."""
        return self._objective(terms), terms.maybe(SoftPositiveTerm)

    def _objective(self, terms: Terms) -> WholeDataLoss:
        parts = terms.look(WholeDataTerm)
        if parts and not any(part.main for part in parts):
            raise ValueError(
                f"{type(parts[0]).__name__} means nothing alone; "
                "add squares over all pairs (WholeDataSquare) to the objective"
            )
        terms.one(WholeDataTerm, type(self).__name__)
        return WholeDataLoss.of(terms.every(WholeDataTerm))

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the observed pairs of ``user_items``."""
        loss, soft_term = self.read(terms)
        if teacher is None and self.without_teacher:
            return self._without_teacher(user_items, context)
        if teacher is None:
            return self._run(user_items, loss, self.schedule, None, context, {})
        factors, record = choose_teacher(teacher, user_items, context)
        soft = None
        if soft_term is not None:
            # In a small catalogue a long list would reach down to what the user dislikes.
            longest = max(1, user_items.shape[1] // 50)
            soft = factors.top_items(user_items, min(soft_term.per_user, longest))
        del factors
        return self._run(user_items, loss, self.schedule, soft, context, record)

    def _without_teacher(self, user_items: sp.csr_matrix, context: FitContext) -> Solution:
        if len(self.without_teacher) == 1:
            return self._try(user_items, self.without_teacher[0], context, {})
        train, validation = user_items, context.validation
        if validation is None:
            train, validation = hold_out(user_items, 0.05, context.rng.spawn(1)[0])
        solutions, recalls = [], []
        for variant in self.without_teacher:
            fitted = self._try(train, variant, context, {})
            recall = code_recall(fitted, train, validation, self.validation_k, context.num_threads)
            context.report({"stage": variant.name, f"recall@{self.validation_k}": recall})
            solutions.append(fitted)
            recalls.append(recall)
        best = int(np.argmax(recalls))
        record = {
            "variant": self.without_teacher[best].name,
            f"variant_recall@{self.validation_k}": [round(r, 5) for r in recalls],
        }
        if context.validation is None:  # the trials saw less than everything
            return self._try(user_items, self.without_teacher[best], context, record)
        solutions[best].facts.update(record)
        return solutions[best]

    def _try(
        self,
        user_items: sp.csr_matrix,
        variant: Variant,
        context: FitContext,
        record: dict[str, Any],
    ) -> Solution:
        loss = WholeDataLoss.of(variant.objective)
        return self._run(user_items, loss, variant.schedule, None, context, record)

    def _run(
        self,
        user_items: sp.csr_matrix,
        loss: WholeDataLoss,
        schedule: Schedule,
        soft: NDArray[np.int32] | None,
        context: FitContext,
        record: dict[str, Any],
    ) -> Solution:
        problem = WholeDataProblem(user_items, context.n_bits, loss, soft)
        result: SolverResult = solve_whole_data(
            problem,
            schedule,
            context.rng.spawn(1)[0],
            num_threads=context.num_threads,
            on_round=context.report,
        )
        facts = {
            **record,
            "loss": asdict(loss),
            "rest_weight": problem.rest_weight,
            "mean_activity": problem.mean_activity,
        }
        return Solution(
            result.user_codes,
            result.item_codes,
            arrays={"user_weight": problem.classes.weight},
            facts=facts,
            history=result.history,
        )

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows, the other side's codes fixed."""
        del terms
        return fold_in_whole_data(rows, side, fitted, self.schedule, context)


def code_recall(
    fitted: Solution, seen: sp.csr_matrix, held_out: sp.csr_matrix, k: int, num_threads: int
) -> float:
    """Mean Recall@k in Hamming space, expected over random order of ties."""
    counts = np.diff(held_out.indptr)
    better, tied = rank_counts_codes(
        fitted.user, fitted.item, csr_parts(seen), csr_parts(held_out), num_threads=num_threads
    )
    inside = np.clip((k - better) / (tied + 1.0), 0.0, 1.0)
    rows = np.repeat(np.arange(len(counts)), counts)
    per_user = np.bincount(rows, weights=inside, minlength=len(counts))
    filled = counts > 0
    return float((per_user[filled] / counts[filled]).mean()) if filled.any() else 0.0
