# SPDX-License-Identifier: Apache-2.0
"""Agreement of the whole rating matrix with inner products (CH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import ScaleLimits
from hashrec_fast.solvers.data_terms.targets import RatingScale

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class TraceAgreement(Loss):
    """Agreement ``-2 tr(P' R Q)``, to be minimised over matrices of orthogonal columns.

    That is ``||R - P Q'||^2`` up to a constant. Ratings are scaled linearly to [0, 1] and
    unobserved pairs are 0.

    Attributes
    ----------
    scale : (lowest, highest) or None
        Rating scale, to which every rating must belong; ``None`` takes the range of the ratings
        given. All-equal ratings without a scale become 1.
    """

    quadratic: ClassVar[bool] = True
    scale: ScaleLimits | None = None

    def trace_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The declared scale or the range of the ratings."""
        return RatingScale.of(user_items, self.scale)
