# SPDX-License-Identifier: Apache-2.0
"""Factorization machines: their score in place of the inner product of two codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, NonNegative, ScaleLimits, Weight, ZeroOrMore
from hashrec_fast.solvers.data_terms.targets import RatingScale

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class FMScore:
    """Scores ``b_u'(v_i + sum_j x_ij c_j) + w_i + sum_j x_ij w_j``, codes ``b, v, c``, real ``w``.

    ``x_i`` are the item's features, of absolute sum one; terms that are the same for all items
    of a user do not change a ranking and are left out. Without features it is a plain inner
    product with a weight per item.

    Attributes
    ----------
    n_features : int
        The most frequent features are kept.
    linear_rate : float
        Step length of the linear weights, taken once for each value of the path; zero fixes them
        at zero, which is what a search by codes alone assumes.
    """

    uses: ClassVar[frozenset[str]] = frozenset({"item_features"})
    n_features: ZeroOrMore = 100
    linear_rate: NonNegative = 0.01


@dataclass(frozen=True, kw_only=True)
class FMSquare(Loss):
    """Squared error ``sum_O (t - w_0 - w'x - u'(v_i + sum_j F_ij c_j))^2 + reg ||w||^2``.

    ``x`` holds user, item and the features ``F_i`` of the item, scaled to absolute sum one, so
    that scores lie in [-2f, 2f] like the targets. Without features it is a DCF with biases.

    Attributes
    ----------
    reg : float
        Ridge weight of the linear part.
    n_features : int
        The most frequent features are kept.
    scale : (lowest, highest) or None
        Rating scale, to which every rating must belong; ``None`` takes the range of the ratings
        given.
    """

    quadratic: ClassVar[bool] = True
    uses: ClassVar[frozenset[str]] = frozenset({"item_features"})
    reg: Main[Weight] = 0.0
    n_features: ZeroOrMore = 100
    scale: ScaleLimits | None = None

    def machine_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The declared scale or the range of the ratings."""
        return RatingScale.of(user_items, self.scale)
