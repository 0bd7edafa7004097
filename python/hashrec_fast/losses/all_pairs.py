# SPDX-License-Identifier: Apache-2.0
"""Terms over unobserved or all pairs that join a sum over observed ones; nothing is sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Weight
from hashrec_fast.solvers.data_terms.pair_sum import PairRequest, PairSum, Rest

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class RestSquare(Loss):
    """Squares of unobserved pairs, ``weight * sum (target f - s)^2`` (DMF's rho, target 0).

    Attributes
    ----------
    weight : float
        Weight of the unobserved pairs.
    target : float
        Wanted score of the unobserved pairs, in units of ``n_bits``.
    """

    quadratic: ClassVar[bool] = True
    main: ClassVar[bool] = False
    weight: Main[Weight] = 0.1
    target: float = 0.0

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """Squares of the rest alone."""
        del rows, request
        return PairSum(rest=Rest(self.weight, self.target))


@dataclass(frozen=True, kw_only=True)
class ScoreNorm(Loss):
    """Squares of all scores, ``weight * sum s^2``, of observed pairs too (DCMF's regulariser).

    Attributes
    ----------
    weight : float
        Weight of the squared scores.
    """

    quadratic: ClassVar[bool] = True
    main: ClassVar[bool] = False
    weight: Main[Weight] = 0.0

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """Norm of the scores alone."""
        del rows, request
        return PairSum(norm_weight=self.weight)
