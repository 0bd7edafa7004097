# SPDX-License-Identifier: Apache-2.0
"""The score of a factorization machine in place of the inner product of two codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class FMScore:
    """``b_u'(v_i + sum_j x_ij c_j) + w_i + sum_j x_ij w_j`` with codes ``b, v, c``, real ``w``.

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
    n_features: int = 100
    linear_rate: float = 0.01
