# SPDX-License-Identifier: Apache-2.0
"""Squared error of a factorization machine over users, items and item features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss


@dataclass(frozen=True, kw_only=True)
class FMSquare(Loss):
    """``sum_O (t - w_0 - w'x - u'(v_i + sum_j F_ij c_j))^2 + reg ||w||^2``, codes all +-1.

    ``x`` holds user, item and the features ``F_i`` of the item, scaled to absolute sum one, so
    that scores lie in [-2f, 2f] like the targets. Without features it is a DCF with biases.

    Attributes
    ----------
    reg : float
        Ridge weight of the linear part.
    n_features : int
        The most frequent features that are kept.
    scale : (lowest, highest) or None
        Rating scale, as in :class:`MSE`.
    """

    quadratic: ClassVar[bool] = True
    uses: ClassVar[frozenset[str]] = frozenset({"item_features"})
    reg: float = 0.0
    n_features: int = 100
    scale: tuple[float, float] | None = None
