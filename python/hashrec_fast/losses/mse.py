# SPDX-License-Identifier: Apache-2.0
"""Squared error on the observed pairs (survey eq. 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss


@dataclass(frozen=True, kw_only=True)
class MSE(Loss):
    """``sum over observed pairs of (t - b'd)^2`` with ratings scaled linearly to ``[-f, f]``."""

    quadratic: ClassVar[bool] = True
