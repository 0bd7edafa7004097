# SPDX-License-Identifier: Apache-2.0
"""Squared error on the observed pairs (survey eq. 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import ScaleLimits
from hashrec_fast.solvers.data_terms.pair_sum import PairRequest, PairSum
from hashrec_fast.solvers.data_terms.targets import RatingScale

if TYPE_CHECKING:
    import scipy.sparse as sp
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class MSE(Loss):
    """Squared error ``sum over observed pairs of (t - b'd)^2``, ratings scaled to ``[-f, f]``.

    Attributes
    ----------
    scale : (lowest, highest) or None
        Rating scale, to which every rating must belong; ``None`` takes the range of the ratings
        given. All-equal ratings without a scale become targets of ``f``.
    """

    quadratic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = True
    relevance: ClassVar[str] = "targets"
    scale: ScaleLimits | None = None

    def rating_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The declared scale or the range of the ratings."""
        return RatingScale.of(user_items, self.scale)

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """Stored ratings as targets."""
        if request.facts is None:
            scale = self.rating_scale(rows)
        else:
            scale = RatingScale.from_facts(request.facts)
        return PairSum(pairs=rows, targets=scale.targets(rows, 1), facts=scale.facts())

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Squares ``(t - s)^2`` of the pairs, in units of ``n_bits``; see :meth:`Loss.value`."""
        return ((relevance - scores) ** 2).masked_fill(~mask, 0)
