# SPDX-License-Identifier: Apache-2.0
"""Constraints of SDMF: codes near real factors and their clusters, and exactly balanced bits.

Weights are those of the survey's scale, where a score ``b'd`` counts as ``1/2 + b'd / 2f``; on the
raw scale they are multiplied by ``4 f^2``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.ranges import Count, Main, Weight
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

    Attributes
    ----------
    user_cluster : float
        Weight of the distance of users to the centres of their clusters.
    user_real : float
        Weight of the distance of users to their real factors.
    item_cluster : float
        Weight of the distance of items to the centres of their clusters.
    item_real : float
        Weight of the distance of items to their real factors.
    user_clusters : int
        Clusters of users.
    item_clusters : int
        Clusters of items.
    mf_rounds : int
        Rounds of the alternating least squares that give the real factors.
    mf_reg : float
        Ridge weight of the real factors.
    """

    main: ClassVar[bool] = False
    user_cluster: Main[Weight] = 1.0
    user_real: Main[Weight] = 1.0
    item_cluster: Main[Weight] = 0.3
    item_real: Main[Weight] = 0.5
    user_clusters: Count = 50
    item_clusters: Count = 100
    mf_rounds: Count = 15
    mf_reg: Weight = 0.1

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

    Attributes
    ----------
    weight : float
        Weight of the squared sums of the bits.
    """

    main: ClassVar[bool] = False
    weight: Main[Weight] = 1e-5

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
