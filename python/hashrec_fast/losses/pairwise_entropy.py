# SPDX-License-Identifier: Apache-2.0
"""Cross-entropy of the order of rated pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Positive
from hashrec_fast.solvers.data_terms.pair_entropy import PairEntropyDataTerm

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class PairwiseEntropy(Loss):
    """Cross-entropy ``log(1 + exp(o)) - P o``, summed over the pairs of a user's ratings.

    ``o`` is the difference of the two scores and P one, a half or zero where the first rating is
    higher, equal or lower.

    Attributes
    ----------
    sharpness : float
        Factor of the scores, which are ``b'd / f``, so that the loss does not depend on the length
        of codes. The authors use plain inner products of 8 bits, which would be 8.
    """

    samples: ClassVar[str] = "pairwise"
    majorised: ClassVar[bool] = True
    sharpness: Main[Positive] = 1.0

    def order_term(self, user_items: sp.csr_matrix, n_bits: int) -> PairEntropyDataTerm:
        """All pairs of ratings of each user."""
        return PairEntropyDataTerm(user_items, n_bits, float(self.sharpness))
