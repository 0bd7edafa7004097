# SPDX-License-Identifier: Apache-2.0
"""Whole-data discrete coordinate descent: every unobserved pair counts, none is sampled.

Objective, with s = b'd, f bits, observed pairs O and soft positives S::

    L = sum_O (t f - s)^2 + w_s sum_S (t_s f - s)^2
        + w_0 sum_rest c_u (t_0 f - s)^2 + w_h sum_rest c_u max(0, s - bound)^2

The constant weight of the rest is summed through Gram matrices (cost independent of
n_users x n_items); the hinge needs only the pairs inside a small Hamming ball, found by a scan.
While the temperature is positive, sign steps are replaced by mean-field steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.kernels.hinge import hinge_loss
from hashrec_fast.kernels.row_terms import EntryLists, SharedTerms
from hashrec_fast.kernels.rows import RowPass, row_pass
from hashrec_fast.ranges import Count, Main, NonNegative, PositiveShare, ZeroOrMore
from hashrec_fast.roles import WholeDataTerm
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.hinge import (
    WeightClasses,
    activity_classes,
    make_hinge,
    max_distance,
)
from hashrec_fast.solvers.state import SignState, pair_scores


@dataclass(frozen=True, kw_only=True)
class WholeDataLoss:
    """Weights and targets of the objective; targets are in units of ``n_bits``.

    Terms set its fields; there are no defaults but those of the terms.

    Attributes
    ----------
    target : float
        Wanted score of observed pairs.
    rest_target : float
        Wanted score of all other pairs.
    rest_weight : float
        Weight of all other pairs, times the square root of the density of the matrix.
    user_power : float
        Power of a user's number of interactions, by which the user's other pairs weigh.
    hinge_weight : float
        Weight of the squared hinge on unobserved pairs.
    hinge_margin : float
        Size of the ball in which unobserved pairs cost something.
    soft_weight : float
        Weight of a teacher's items.
    soft_target : float
        Wanted score of a teacher's items.
    """

    target: float
    rest_target: float
    rest_weight: float
    user_power: float
    hinge_weight: float
    hinge_margin: float
    soft_weight: float
    soft_target: float

    @classmethod
    def of(cls, terms: Iterable[WholeDataTerm]) -> WholeDataLoss:
        """The sum of some terms, of which one must be ``main``; what no term sets is zero."""
        fields = dict.fromkeys(("hinge_weight", "hinge_margin", "soft_weight", "soft_target"), 0.0)
        given: set[str] = set()
        for term in terms:
            if again := sorted(given & term.whole_data().keys()):
                raise ValueError(
                    f"{type(term).__name__} sets {', '.join(again)}, which another term has set"
                )
            given |= term.whole_data().keys()
            fields |= term.whole_data()
        return cls(**fields)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Rounds of the solver; ``initial_temperature=0`` gives hard rounds only.

    Attributes
    ----------
    initial_temperature : float
        Temperature of the first round; 0 gives hard rounds only.
    decay : float
        Factor of the temperature from round to round.
    soft_rounds : int
        Rounds with a temperature, whose signs are means.
    hard_rounds : int
        Most rounds of plain sign steps after the soft ones.
    hinge_from : int
        Round in which the hinge joins, counted from 0.
    sweeps : int
        Sweeps over the bits of a row.
    initial_scale : float
        Size of the first random values where there is a temperature.
    """

    initial_temperature: NonNegative = 2.0
    decay: PositiveShare = 0.83
    soft_rounds: Main[ZeroOrMore] = 18
    hard_rounds: ZeroOrMore = 2
    hinge_from: ZeroOrMore = 3
    sweeps: Count = 3
    initial_scale: PositiveShare = 0.1

    def temperatures(self) -> list[float]:
        """Temperature of each round, zero for the hard rounds."""
        soft = [self.initial_temperature * self.decay**r for r in range(self.soft_rounds)]
        return soft + [0.0] * self.hard_rounds


@dataclass(frozen=True, kw_only=True)
class Step:
    """Settings of one pass."""

    temperature: float = 0.0
    sweeps: int = 3
    hinge: bool = True
    num_threads: int = 0


@dataclass
class SolverResult:
    """Codes of both sides and what was seen on the way."""

    user_codes: NDArray[np.uint64]
    item_codes: NDArray[np.uint64]
    history: list[dict[str, float]] = field(default_factory=list)


class WholeDataProblem:
    """The fixed parts of the objective for one training matrix."""

    def __init__(
        self,
        user_items: sp.csr_matrix,
        n_bits: int,
        loss: WholeDataLoss,
        soft_positives: NDArray[np.int32] | None = None,
    ) -> None:
        n_users, n_items = user_items.shape
        self.n_bits, self.loss = n_bits, loss
        self.shape = (n_users, n_items)
        self.rest_weight = loss.rest_weight * float(
            np.sqrt(max(user_items.nnz, 1) / (n_users * n_items))
        )
        activity = np.diff(user_items.indptr).astype(np.int64)
        self.classes, self.mean_activity = activity_classes(activity, loss.user_power)
        pairs = merge_pairs(user_items, soft_positives)
        self.is_soft = pairs.data == 2
        self.rows = np.repeat(np.arange(n_users), np.diff(pairs.indptr))
        self.columns = pairs.indices
        rest = self.classes.weight[self.rows] * self.rest_weight
        weight = np.where(self.is_soft, loss.soft_weight, 1.0)
        target = np.where(self.is_soft, loss.soft_target, loss.target) * n_bits
        quad = weight - rest
        linear = weight * target - rest * loss.rest_target * n_bits
        self.by_user, self.by_item = both_orders(pairs, quad, linear)

    def user_pass(self, users: SignState, items: SignState, step: Step) -> int:
        """Update the users' state in place; returns the number of signs changed."""
        weight = self.classes.weight
        return self._pass(users, items, self.by_user, None, weight, None, step)

    def item_pass(self, items: SignState, users: SignState, step: Step) -> int:
        """Update the items' state in place; returns the number of signs changed."""
        weight = self.classes.weight
        return self._pass(items, users, self.by_item, weight, None, self.classes, step)

    def _pass(
        self,
        own: SignState,
        other: SignState,
        entries: EntryLists,
        other_weight: NDArray[np.float64] | None,
        row_scale: NDArray[np.float64] | None,
        classes: WeightClasses | None,
        step: Step,
    ) -> int:
        loss = self.loss
        target = loss.rest_target * self.n_bits
        hinge = None
        if step.hinge and loss.hinge_weight > 0:
            hinge = make_hinge(
                other.codes(), classes, self.n_bits, loss.hinge_weight, loss.hinge_margin
            )
        shared = SharedTerms(
            quad=self.rest_weight * other.gram(other_weight),
            linear=self.rest_weight * target * other.total(other_weight),
            row_scale=row_scale,
        )
        wanted = RowPass(
            entries=entries,
            shared=shared,
            hinge=hinge,
            temperature=step.temperature,
            sweeps=step.sweeps,
            num_threads=step.num_threads,
        )
        return row_pass(own.values, self.n_bits, other.values, wanted)

    def objective(
        self,
        user_codes: NDArray[np.uint64],
        item_codes: NDArray[np.uint64],
        *,
        hinge: bool = True,
        num_threads: int = 0,
    ) -> float:
        """Value of the objective at the given codes, divided by f^2 times the observed pairs."""
        loss, f = self.loss, self.n_bits
        users, items = SignState.from_codes(user_codes, f), SignState.from_codes(item_codes, f)
        target = loss.rest_target * f
        c = self.classes.weight
        n_items = self.shape[1]
        rest = (
            float((users.gram(c) * items.gram()).sum())
            - 2 * target * float(users.total(c) @ items.total())
            + target**2 * float(c.sum()) * n_items
        )
        score = pair_scores(user_codes, item_codes, self.rows, self.columns, f)
        wanted = np.where(self.is_soft, loss.soft_target, loss.target) * f
        weight = np.where(self.is_soft, loss.soft_weight, 1.0)
        total = float((weight * (wanted - score) ** 2).sum())
        total += self.rest_weight * (rest - float((c[self.rows] * (target - score) ** 2).sum()))
        if hinge and loss.hinge_weight > 0:
            inside = hinge_loss(
                user_codes,
                item_codes,
                self.by_user.lists,
                f,
                max_distance=max_distance(f, loss.hinge_margin),
                num_threads=num_threads,
            )
            total += loss.hinge_weight * float(c @ inside)
        return float(total / (f * f * max(1, int((~self.is_soft).sum()))))


def merge_pairs(user_items: sp.csr_matrix, soft: NDArray[np.int32] | None) -> sp.csr_matrix:
    """Observed pairs (1) and soft positives (2) in one sorted CSR pattern of int8."""
    n_users, n_items = user_items.shape
    rows = np.repeat(np.arange(n_users, dtype=np.int64), np.diff(user_items.indptr))
    keys = rows * n_items + user_items.indices
    kind = np.ones(len(keys), dtype=np.int8)
    if soft is not None:
        valid = soft >= 0
        soft_rows = np.broadcast_to(np.arange(n_users, dtype=np.int64)[:, None], soft.shape)[valid]
        keys = np.concatenate([keys, soft_rows * n_items + soft[valid]])
        kind = np.concatenate([kind, np.full(int(valid.sum()), 2, dtype=np.int8)])
    keys, first = np.unique(keys, return_index=True)  # an observed pair stays observed
    kind = kind[first]
    indptr = np.searchsorted(keys, np.arange(n_users + 1, dtype=np.int64) * n_items)
    return sp.csr_matrix((kind, (keys % n_items).astype(np.int32), indptr), shape=user_items.shape)


def solve_whole_data(
    problem: WholeDataProblem,
    schedule: Schedule,
    rng: np.random.Generator,
    *,
    num_threads: int = 0,
    on_round: Callable[[dict[str, float]], None] | None = None,
    start: tuple[SignState, SignState] | None = None,
) -> SolverResult:
    """Run the schedule: a user pass, then an item pass, per round."""
    f = problem.n_bits
    n_users, n_items = problem.shape
    temperatures = schedule.temperatures()
    scale = schedule.initial_scale if temperatures and temperatures[0] > 0 else 1.0
    if start is None:
        users = SignState.random(n_users, f, rng, scale=scale)
        items = SignState.random(n_items, f, rng, scale=scale)
    else:
        users, items = start
    history: list[dict[str, float]] = []
    for r, temperature in enumerate(temperatures):
        hinge = r >= schedule.hinge_from
        step = Step(
            temperature=temperature,
            sweeps=schedule.sweeps,
            hinge=hinge,
            num_threads=num_threads,
        )
        changed = problem.user_pass(users, items, step) + problem.item_pass(items, users, step)
        row = {
            "round": float(r),
            "temperature": temperature,
            "bits_changed": float(changed),
            "objective": problem.objective(
                users.codes(), items.codes(), hinge=hinge, num_threads=num_threads
            ),
        }
        history.append(row)
        if on_round is not None:
            on_round(row)
        if temperature == 0.0 and changed == 0:
            break
    return SolverResult(users.codes(), items.codes(), history)
