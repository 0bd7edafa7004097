# SPDX-License-Identifier: Apache-2.0
"""Squared error on the observed pairs (survey eq. 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import RatingScale

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class MSE(Loss):
    """``sum over observed pairs of (t - b'd)^2`` with ratings scaled linearly to ``[-f, f]``.

    Attributes
    ----------
    scale : (lowest, highest) or None
        Rating scale, to which every rating must belong; ``None`` takes the range of the ratings
        given. All-equal ratings without a scale become targets of ``f``.
    """

    quadratic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = True
    relevance: ClassVar[str] = "targets"
    scale: RatingScale | None = None

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """``(t - s)^2`` of each pair, both in units of ``n_bits``; see :meth:`Loss.value`."""
        return ((relevance - scores) ** 2).masked_fill(~mask, 0)
