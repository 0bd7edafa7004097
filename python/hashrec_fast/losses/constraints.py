# SPDX-License-Identifier: Apache-2.0
"""Penalties that keep codes informative."""

from __future__ import annotations

from dataclasses import dataclass

from hashrec_fast.contracts import FitContext, LinearTerm, States
from hashrec_fast.ranges import Main, Weight
from hashrec_fast.solvers.linear_terms.balance import BalanceLinearTerm
from hashrec_fast.solvers.linear_terms.two_delegates import TwoDelegatesLinearTerm


@dataclass(frozen=True, kw_only=True)
class BalanceDecorrelation:
    """Balance and decorrelation: codes drawn towards delegates that have both (survey eqs. 35-37).

    Adds ``-2 alpha tr(B'X) - 2 beta tr(D'Y)`` on the raw scale, where ``X`` and ``Y`` are the
    nearest matrices whose rows sum to zero and are orthogonal. ``gamma`` is the weight of a third
    matrix of codes, where the method has one.

    Attributes
    ----------
    alpha : float
        Weight of the delegate of the users' codes.
    beta : float
        Weight of the delegate of the items' codes.
    gamma : float
        Weight of the delegate of a third matrix of codes, where the method has one.
    """

    alpha: Main[Weight] = 1e-3
    beta: Main[Weight] = 1e-3
    gamma: Weight = 1e-3

    def delegate_weight(self, side: str) -> float:
        """Weights ``alpha`` of users, ``beta`` of items, ``gamma`` of any other codes."""
        return {"user": self.alpha, "item": self.beta}.get(side, self.gamma)

    def linear_terms(self, states: States, context: FitContext) -> list[LinearTerm]:
        """Bound linear terms, one for each side."""
        return [
            BalanceLinearTerm(side, self.delegate_weight(side), states, context.rng)
            for side in states
        ]


@dataclass(frozen=True, kw_only=True)
class TwoDelegates:
    """Balance and decorrelation by separate targets (DMF), the same weights for both sides.

    Adds ``balance ||B - P_b||^2 + decorrelation ||B - P_d||^2`` with the nearest balanced matrix
    ``P_b`` and the nearest matrix ``P_d`` of orthogonal rows.

    Attributes
    ----------
    balance : float
        Weight of the distance to balanced codes.
    decorrelation : float
        Weight of the distance to decorrelated codes.
    """

    balance: Main[Weight] = 0.1
    decorrelation: Main[Weight] = 0.1

    def linear_terms(self, states: States, context: FitContext) -> list[LinearTerm]:
        """Bound linear terms, one for each side, of the same weights."""
        del context
        return [
            TwoDelegatesLinearTerm(side, self.balance, self.decorrelation, state)
            for side, state in states.items()
        ]
