# SPDX-License-Identifier: Apache-2.0
"""Squared error of a score that is a weighted sum over components (CCCF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Count, Main, Positive, ScaleLimits
from hashrec_fast.solvers.data_terms.targets import RatingScale

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class CompositionalSquare(Loss):
    """Squared error ``sum_O (t - sum_g eta_ug xi_ig b_ug'd_ig)^2``; equal weights are scaled to 1.

    Attributes
    ----------
    components : int
        Parts of a code.
    bandwidth : float
        Distance ``(2 / pi) arccos(cos)``, 0 to 2, from an anchor at which a component's weight is
        zero. The paper has 0.7; validation on ml-100k preferred wide ones, as 0.7 leaves most
        weights zero.
    scale : (lowest, highest) or None
        Rating scale, to which every rating must belong; ``None`` takes the range of the ratings
        given.
    """

    quadratic: ClassVar[bool] = True
    components: Main[Count] = 8
    bandwidth: Main[Positive] = 2.0
    scale: ScaleLimits | None = None

    def __post_init__(self) -> None:
        if self.components < 1:
            raise ValueError(f"components must be at least 1, got {self.components!r}")
        if not self.bandwidth > 0:
            raise ValueError(f"bandwidth must be above 0, got {self.bandwidth!r}")

    def composed_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The declared scale or the range of the ratings."""
        return RatingScale.of(user_items, self.scale)
