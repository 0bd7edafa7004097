# SPDX-License-Identifier: Apache-2.0
"""Logistic loss of positives and sampled negatives (survey eq. 15)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, NonNegative


@dataclass(frozen=True, kw_only=True)
class Logistic(Loss):
    """``sum log(1 + exp(-slope r b'd / sqrt(f)))`` over labels ``r`` of -1 and +1.

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
