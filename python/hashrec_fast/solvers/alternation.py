# SPDX-License-Identifier: Apache-2.0
"""The loop of every one-stage method: rows of one side, then of the other, then the helpers.

A method is a choice of one :class:`DataTerm`, the sum over interactions, and of any number of
:class:`LinearTerm`, which add one row of coefficients per row of codes; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hashrec_fast.contracts import DataTerm, LinearTerm, States
from hashrec_fast.kernels.row_terms import NO_LINEAR


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
