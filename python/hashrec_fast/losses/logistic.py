# SPDX-License-Identifier: Apache-2.0
"""Logistic loss of positives and sampled negatives (survey eq. 15)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, NonNegative
from hashrec_fast.solvers.data_terms.negatives import with_negatives
from hashrec_fast.solvers.data_terms.pair_sum import PairRequest, PairSum, Rest

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class Logistic(Loss):
    """Logistic loss ``sum log(1 + exp(-slope r b'd / sqrt(f)))`` of labels ``r``, -1 or +1.

    Attributes
    ----------
    slope : float
        Factor of the score in units of its standard deviation for random codes, ``sqrt(f)``. The
        authors of DCMF and DMF use the raw score, a slope of ``sqrt(f)``, which is flat for all but
        wrong pairs.
    negatives : float
        Unobserved pairs per positive, drawn in proportion to item popularity.
    """

    majorised: ClassVar[bool] = True
    slope: Main[NonNegative] = 1.0
    negatives: NonNegative = 1.0

    def slope_of(self, n_bits: int) -> float:
        """Factor of the raw score ``b'd``."""
        return self.slope / math.sqrt(n_bits)

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """Positives and sampled negatives.

        For rows never seen every other pair is a negative of the expected weight, expanded at a
        score of zero, so that a row's code depends on nothing but the row.
        """
        slope = self.slope_of(request.n_bits)
        if request.facts is None:
            pairs, labels = with_negatives(rows, self.negatives, request.rng)
            others = max(1, pairs.shape[0] * pairs.shape[1] - rows.nnz)
            share = float((labels < 0).sum()) / others  # expected weight of an unobserved pair
            facts = {"negative_share": share}
            return PairSum(pairs=pairs, targets=labels, slope=slope, facts=facts)
        share = request.facts["negative_share"]
        rest = Rest(share * slope**2 / 8, -2 / (slope * request.n_bits))
        return PairSum(pairs=rows, targets=np.ones(rows.nnz), slope=slope, rest_otherwise=rest)
