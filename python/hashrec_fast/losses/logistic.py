# SPDX-License-Identifier: Apache-2.0
"""Logistic loss of positives and sampled negatives (survey eq. 15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss


@dataclass(frozen=True, kw_only=True)
class Logistic(Loss):
    """``sum log(1 + exp(-r b'd))`` over labels ``r`` of -1 and +1.

    Attributes
    ----------
    negatives : float
        Unobserved pairs per positive, drawn in proportion to item popularity.
    """

    majorised: ClassVar[bool] = True
    negatives: float = 1.0
