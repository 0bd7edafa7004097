# SPDX-License-Identifier: Apache-2.0
"""Terms over the links of a social graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Weight
from hashrec_fast.roles import RatingTerm
from hashrec_fast.solvers.data_terms.social import SocialDataTerm

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class SocialCodes(Loss):
    """Squares of links (u, v), ``weight * sum (target f - b_u'w_v)^2``, codes ``w`` of friends.

    Attributes
    ----------
    weight : float
        Weight of the links.
    target : float
        Wanted score of linked users, in units of ``n_bits``.
    """

    quadratic: ClassVar[bool] = True
    main: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"social"})
    weight: Main[Weight] = 1.0
    target: float = 1.0

    def read_partners(self, terms: Terms) -> RatingTerm:
        """The squared error of the ratings."""
        return terms.partner(RatingTerm, self)

    def data_term(
        self, user_items: sp.csr_matrix, terms: Terms, context: FitContext
    ) -> SocialDataTerm:
        """Ratings and links together."""
        scale = self.read_partners(terms).rating_scale(user_items)
        social = context.side_info.social
        return SocialDataTerm(user_items, scale, context.n_bits, social, self.weight, self.target)
