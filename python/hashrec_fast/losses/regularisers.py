# SPDX-License-Identifier: Apache-2.0
"""Penalties on real factors, for methods that quantise after training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class L2:
    """``weight (sum_u ||p_u||^2 + sum_i ||q_i||^2)``."""

    rows: ClassVar[str] = "base"
    weight: float

    def penalty(self, rows):
        return (rows**2).sum(1).mean()


@dataclass(frozen=True, kw_only=True)
class Balance:
    """``weight (||sum_u p_u||^2 + ||sum_i q_i||^2)``: every column has as much + as -."""

    weight: float


@dataclass(frozen=True, kw_only=True)
class NormTarget:
    """``weight (sum_u (||p_u||^2 - c)^2 + sum_i (||q_i||^2 - c)^2)``, the solver knows ``c``.

    Where norms are alike, signs lose less of an inner product.
    """

    weight: float
