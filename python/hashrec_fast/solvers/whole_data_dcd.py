# SPDX-License-Identifier: Apache-2.0
"""Whole-data DCD as a recipe part: with a teacher annealed, without one hard and validated."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Fitted, Terms
from hashrec_fast.kernels.ranks import rank_counts_codes
from hashrec_fast.ranges import Count, Minor
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.solvers.fold_in import fold_in_whole_data
from hashrec_fast.solvers.implicit_als import choose_teacher, hold_out
from hashrec_fast.solvers.whole_data import (
    Schedule,
    SolverResult,
    WholeDataLoss,
    WholeDataProblem,
    solve_whole_data,
)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One complete setting of loss weights and schedule, for use without a teacher.

    Attributes
    ----------
    name : str
        What it is called in reports and among parameters.
    loss : WholeDataLoss
        Weights and targets.
    schedule : Schedule
        Rounds.
    """

    name: str
    loss: WholeDataLoss
    schedule: Schedule


# Without soft positives the annealed schedule overfits light users, so only hard rounds are
# offered, and validation decides between the plain least squares and the hinge.
HARD_VARIANTS = (
    Variant(
        name="least squares",
        loss=WholeDataLoss(rest_weight=0.4, hinge_weight=0.0),
        schedule=Schedule(initial_temperature=0.0, soft_rounds=0, hard_rounds=12),
    ),
    Variant(
        name="hinge",
        loss=WholeDataLoss(
            target=1.3, rest_weight=0.25, hinge_weight=0.2, hinge_margin=0.15, user_power=0.6
        ),
        schedule=Schedule(initial_temperature=0.0, soft_rounds=0, hard_rounds=16, hinge_from=6),
    ),
)


@dataclass(frozen=True, kw_only=True)
class WholeDataDCD:
    """Whole-data discrete coordinate descent with mean-field annealing.

    Attributes
    ----------
    schedule : Schedule
        Rounds used with a teacher.
    without_teacher : tuple of Variant
        Settings tried where the recipe has no teacher; the best on validation is kept.
    validation_k : int
        Length of the list that the choice looks at.
    """

    supported: ClassVar[frozenset[str]] = frozenset(
        {"WholeDataSquare", "SquaredHinge", "SoftPositives"}
    )
    schedule: Schedule = field(default_factory=Schedule)
    without_teacher: Minor[tuple[Variant, ...]] = HARD_VARIANTS
    validation_k: Count = 50

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Fitted:
        """Fit codes to the observed pairs of ``user_items``."""
        if teacher is None:
            return self._without_teacher(user_items, context)
        factors, record = choose_teacher(teacher, user_items, context)
        soft_terms = terms.get("SoftPositives")
        soft = None
        if soft_terms is not None:
            # In a small catalogue a long list would reach down to what the user dislikes.
            longest = max(1, user_items.shape[1] // 50)
            soft = factors.top_items(user_items, min(soft_terms.per_user, longest))
        del factors
        return self._run(user_items, loss_of(terms), self.schedule, soft, context, record)

    def _without_teacher(self, user_items: sp.csr_matrix, context: FitContext) -> Fitted:
        if len(self.without_teacher) == 1:
            only = self.without_teacher[0]
            return self._run(user_items, only.loss, only.schedule, None, context, {})
        train, validation = user_items, context.validation
        if validation is None:
            train, validation = hold_out(user_items, 0.05, context.rng.spawn(1)[0])
        fits, recalls = [], []
        for variant in self.without_teacher:
            fitted = self._run(train, variant.loss, variant.schedule, None, context, {})
            recall = code_recall(fitted, train, validation, self.validation_k, context.num_threads)
            context.report({"stage": variant.name, f"recall@{self.validation_k}": recall})
            fits.append(fitted)
            recalls.append(recall)
        best = int(np.argmax(recalls))
        record = {
            "variant": self.without_teacher[best].name,
            f"variant_recall@{self.validation_k}": [round(r, 5) for r in recalls],
        }
        if context.validation is None:  # the trials saw less than everything
            chosen = self.without_teacher[best]
            return self._run(user_items, chosen.loss, chosen.schedule, None, context, record)
        fits[best].facts.update(record)
        return fits[best]

    def _run(
        self,
        user_items: sp.csr_matrix,
        loss: WholeDataLoss,
        schedule: Schedule,
        soft: NDArray[np.int32] | None,
        context: FitContext,
        record: dict[str, Any],
    ) -> Fitted:
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
        return Fitted(
            result.user_codes,
            result.item_codes,
            arrays={"user_weight": problem.classes.weight},
            facts=facts,
            history=result.history,
        )

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows, the other side's codes fixed."""
        del terms
        return fold_in_whole_data(rows, side, fitted, self.schedule, context)


def loss_of(terms: Terms) -> WholeDataLoss:
    """The solver's weights from the recipe's terms; an absent term has weight zero."""
    square, hinge, soft = (
        terms.get(name) for name in ("WholeDataSquare", "SquaredHinge", "SoftPositives")
    )
    if square is None:
        raise ValueError("WholeDataDCD needs a WholeDataSquare term in the objective")
    return WholeDataLoss(
        target=square.target,
        rest_target=square.rest_target,
        rest_weight=square.rest_weight,
        user_power=square.user_power,
        hinge_weight=hinge.weight if hinge is not None else 0.0,
        hinge_margin=hinge.margin if hinge is not None else 0.1,
        soft_weight=soft.weight if soft is not None else 0.0,
        soft_target=soft.target if soft is not None else 0.5,
    )


def code_recall(
    fitted: Fitted, seen: sp.csr_matrix, held_out: sp.csr_matrix, k: int, num_threads: int
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
