# SPDX-License-Identifier: Apache-2.0
"""Plackett-Luce likelihood of a list in order of relevance (survey eqs. 23-25, corrected)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, NonNegative, Positive, ZeroOrMore
from hashrec_fast.solvers.data_terms.plackett_luce import PlackettLuceDataTerm

if TYPE_CHECKING:
    import scipy.sparse as sp
    from torch import Tensor

    from hashrec_fast.contracts import FitContext


@dataclass(frozen=True, kw_only=True)
class PlackettLuce(Loss):
    """Negative log-likelihood ``sum_j ln sum_{l >= j} exp(z_l) - z_j`` of items by falling rating.

    ``z = sharpness / f * b'd``. One-stage solvers put items of equal rating in a new random order
    in every round (the stochastic queue of SQL-Rank) and, where all ratings are equal, draw
    unobserved items as the tail of the lists.

    Attributes
    ----------
    sharpness : float
        Factor of the scores, which are ``b'd / f``.
    list_length : int
        Length, about, of the lists into which a user's list is dealt; 0 keeps lists whole. Each has
        the same mix of ratings, and a part of a list follows the same model; the bound of a long
        list is so steep that no bit flips. One-stage only.
    negatives : float
        Unobserved items drawn per positive in each round, where all ratings are equal. One-stage
        only.
    """

    samples: ClassVar[str] = "listwise"
    majorised: ClassVar[bool] = True
    differentiable: ClassVar[bool] = True
    relevance: ClassVar[str] = "grades"
    sharpness: Main[Positive] = 1.5
    list_length: ZeroOrMore = 5
    negatives: NonNegative = 4.0

    def list_term(self, user_items: sp.csr_matrix, context: FitContext) -> PlackettLuceDataTerm:
        """Lists of each user, new ones in every round."""
        return PlackettLuceDataTerm(
            user_items,
            context.n_bits,
            context.rng,
            sharpness=self.sharpness,
            list_length=self.list_length,
            negatives=self.negatives,
        )

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of each list; see :meth:`Loss.value`.

        Entries of equal relevance keep the order in which they are given.
        """
        # Padding goes behind every entry and is too small to count in any sum.
        order = relevance.masked_fill(~mask, -float("inf")).argsort(
            dim=1, descending=True, stable=True
        )
        logits = (self.sharpness * scores).masked_fill(~mask, -1e30).gather(1, order)
        tails = logits.flip(1).logcumsumexp(1).flip(1)
        return (tails - logits).masked_fill(~mask.gather(1, order), 0).sum(1)
