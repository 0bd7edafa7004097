# SPDX-License-Identifier: Apache-2.0
"""Penalties that keep codes informative."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BalanceDecorrelation:
    """LinearTerm of the codes towards balanced and decorrelated delegates (survey eqs. 35-37).

    Adds ``-2 alpha tr(B'X) - 2 beta tr(D'Y)`` on the raw scale, where ``X`` and ``Y`` are the
    nearest matrices whose rows sum to zero and are orthogonal. ``gamma`` is the weight of a third
    matrix of codes, where the method has one.
    """

    alpha: float = 1e-3
    beta: float = 1e-3
    gamma: float = 1e-3


@dataclass(frozen=True, kw_only=True)
class TwoDelegates:
    """Balance and decorrelation by separate targets (DMF), the same weights for both sides.

    Adds ``balance ||B - P_b||^2 + decorrelation ||B - P_d||^2`` with the nearest balanced matrix
    ``P_b`` and the nearest matrix ``P_d`` of orthogonal rows.
    """

    balance: float = 0.1
    decorrelation: float = 0.1
