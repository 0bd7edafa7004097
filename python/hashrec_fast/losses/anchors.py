# SPDX-License-Identifier: Apache-2.0
"""Constraints of SDMF: codes near real factors and their clusters, and exactly balanced bits.

Weights are those of the survey's scale, where a score ``b'd`` counts as ``1/2 + b'd / 2f``; on the
raw scale they are multiplied by ``4 f^2``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.solvers.data_terms.anchored import (
    AnchoredDataTerm,
    Partners,
    anchored_data_term,
    read_partners,
)

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class RealAnchors:
    """Anchors ``sum_u cluster |b_u - c_g(u)|^2 + real |b_u - p_u|^2``, and the same for items.

    ``p_u`` are real factors of the ratings and ``c`` the centres of their k-means clusters; both
    stay fixed. The authors' weights are 10, 10, 3 and 5, with which the ratings hardly count.
    """

    main: ClassVar[bool] = False
    user_cluster: float = 1.0
    user_real: float = 1.0
    item_cluster: float = 0.3
    item_real: float = 0.5
    user_clusters: int = 50
    item_clusters: int = 100
    mf_rounds: int = 15
    mf_reg: float = 0.1

    def __post_init__(self) -> None:
        for name in ("user_cluster", "user_real", "item_cluster", "item_real", "mf_reg"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)!r}")
        for name in ("user_clusters", "item_clusters"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")

    def anchors_of(self, side: str) -> tuple[int, float, float]:
        """Number of clusters, weight of the centres and weight of the real factors of a side."""
        if side == "user":
            return self.user_clusters, self.user_cluster, self.user_real
        return self.item_clusters, self.item_cluster, self.item_real

    def read_partners(self, terms: Terms) -> Partners:
        """The squared error of the ratings, and the other constraint of this file."""
        return read_partners(terms, self)

    def data_term(
        self, user_items: sp.csr_matrix, terms: Terms, context: FitContext
    ) -> AnchoredDataTerm:
        """Ratings, anchors and balance together."""
        return anchored_data_term(user_items, self.read_partners(terms), context)


@dataclass(frozen=True, kw_only=True)
class ExactBalance:
    """Balance ``weight (|B 1|^2 + |D 1|^2)``: the squared sum of every bit over all rows of a side.

    The authors' weight is 0.01, which on ml-100k drowns the ratings.
    """

    main: ClassVar[bool] = False
    weight: float = 1e-5

    def bit_balance(self) -> float:
        """The weight, on the survey's scale."""
        return self.weight

    def read_partners(self, terms: Terms) -> Partners:
        """The squared error of the ratings, and the other constraint of this file."""
        return read_partners(terms, self)

    def data_term(
        self, user_items: sp.csr_matrix, terms: Terms, context: FitContext
    ) -> AnchoredDataTerm:
        """Ratings, anchors and balance together."""
        return anchored_data_term(user_items, self.read_partners(terms), context)
