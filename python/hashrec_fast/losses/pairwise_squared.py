# SPDX-License-Identifier: Apache-2.0
"""Squared error of score differences over all pairs of a user (survey eq. 18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss


@dataclass(frozen=True, kw_only=True)
class PairwiseSquare(Loss):
    """``sum_u mean over (i, j) of (margin f - b_u'(d_i - d_j))^2``, i a positive and j not.

    All pairs count; nothing is sampled. A user without positives, or without negatives, counts
    nothing.

    Attributes
    ----------
    margin : float
        Wanted difference of scores in units of ``n_bits``. The survey's equation has 2, the
        authors of DPR use 1.
    """

    samples: ClassVar[str] = "pairwise"
    quadratic: ClassVar[bool] = True
    margin: float = 1.0
