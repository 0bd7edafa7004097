# SPDX-License-Identifier: Apache-2.0
"""The loop of every one-stage method: rows of one side, then of the other, then the helpers.

A method is a choice of one :class:`DataTerm`, the sum over interactions, and of any number of
:class:`LinearTerm`, which add one row of coefficients per row of codes; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext
from hashrec_fast.kernels.row_terms import NO_LINEAR, RowLinear
from hashrec_fast.solvers.state import SignState

States = dict[str, SignState]
"""Codes by side: "user", "item" and, for some methods, a third matrix."""


class DataTerm(Protocol):
    """Data term: the part of an objective that ties the sides together, bound to training data."""

    sides: tuple[str, ...]
    n_bits: int
    size: int
    """Number of terms of the sum, by which the reported objective is divided."""

    def refresh(self, side: str, states: States) -> None:
        """Prepare for a pass over ``side``, for instance expand a majoriser at the codes."""

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``, in place; returns the number of bits changed."""

    def loss(self, states: States) -> float:
        """The sum on the raw scale, where scores and targets lie in [-n_bits, n_bits]."""


class StartingDataTerm(DataTerm, Protocol):
    """Data term that gives codes to start from, as solvers with ``start="relaxed"`` ask."""

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of its real-valued solution, by the delegates' ``weights`` of users and items."""


class PointwiseDataTerm(StartingDataTerm, Protocol):
    """Data term of :class:`hashrec_fast.solvers.DCD`, which keeps facts for rows never seen."""

    def facts(self) -> dict[str, Any]:
        """JSON values that new rows need."""


class LinearTerm(Protocol):
    """Linear term ``-2 a_u'b_u`` of one side, bound to training data; constants are dropped."""

    side: str

    def linear(self, states: States) -> RowLinear:
        """Coefficients ``a`` of all rows of the side for the coming pass."""

    def update(self, states: States) -> None:
        """Make the auxiliary variables again from the codes."""

    def value(self, states: States) -> float:
        """The term's part of the objective, without what is constant over +-1 codes."""

    def export(self) -> dict[str, NDArray[Any]]:
        """Arrays to keep with the model, such as a map from features to codes."""


def alternate(
    data_term: DataTerm,
    linear_terms: Sequence[LinearTerm],
    states: States,
    *,
    rounds: int,
    sweeps: int,
    num_threads: int = 0,
    on_round: Callable[[dict[str, float]], None] | None = None,
) -> list[dict[str, float]]:
    """Pass over the sides in turn until no bit changes; ``states`` is updated in place.

    Returns
    -------
    history : list of dict
        Per round: ``bits_changed`` and ``objective``, the latter per term and ``n_bits ** 2``.
        It never rises with quadratic or majorised data terms, unless a linear term is learnt again
        by another criterion than the objective.
    """
    history: list[dict[str, float]] = []
    for r in range(rounds):
        changed = 0
        for side in data_term.sides:
            data_term.refresh(side, states)
            of_side = [term.linear(states) for term in linear_terms if term.side == side]
            linear = sum(of_side, NO_LINEAR)
            changed += data_term.half(side, states, linear, sweeps=sweeps, num_threads=num_threads)
        for term in linear_terms:
            term.update(states)
        total = data_term.loss(states) + sum(term.value(states) for term in linear_terms)
        row = {
            "round": float(r),
            "bits_changed": float(changed),
            "objective": total / (data_term.n_bits**2 * max(1, data_term.size)),
        }
        history.append(row)
        if on_round is not None:
            on_round(row)
        if changed == 0:
            break
    return history
