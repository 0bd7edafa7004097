# SPDX-License-Identifier: Apache-2.0
"""Attention to friends whose codes are near (DLACF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, NonNegative, Weight
from hashrec_fast.roles import RatingTerm
from hashrec_fast.solvers.data_terms.attention import AttentionDataTerm

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class AttentiveFriends(Loss):
    """Attention ``weight sum_i (|b_i - sum_v a_iv u_v|^2 + |u_i - b_i|^2)`` over users' two codes.

    Attributes
    ----------
    weight : float
        Weight of the users' distance to their friends.
    sharpness : float
        Cost of attention to a friend per differing bit. At the authors' 1e5 it goes to the
        nearest friends alone, in equal parts.
    """

    quadratic: ClassVar[bool] = True
    main: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"social"})
    weight: Main[Weight] = 1.0
    sharpness: NonNegative = 1e5

    def read_partners(self, terms: Terms) -> RatingTerm:
        """The squared error of the ratings."""
        return terms.partner(RatingTerm, self)

    def data_term(
        self, user_items: sp.csr_matrix, terms: Terms, context: FitContext
    ) -> AttentionDataTerm:
        """Ratings and attentive means together."""
        scale = self.read_partners(terms).rating_scale(user_items)
        social = context.side_info.social
        return AttentionDataTerm(
            user_items, scale, context.n_bits, social, self.weight, self.sharpness
        )
