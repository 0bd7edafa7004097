# SPDX-License-Identifier: Apache-2.0
"""Numbers that change from epoch to epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from hashrec_fast.binarizers.base import Step
from hashrec_fast.field_checks import check_fields
from hashrec_fast.ranges import PositiveShare


@dataclass(frozen=True, kw_only=True)
class EpochSchedule:
    """A number as a function of the epoch e = 0, 1, .. of E.

    ==============  =================================================================
    kind            value
    ==============  =================================================================
    "constant"      ``start``
    "sqrt"          ``start sqrt(1 + rate e)``, never beyond ``end``
    "linear"        ``start + rate e``, never beyond ``end``; with ``rate = 0``
                    the straight line that reaches ``end`` at epoch ``share E``
    "exponential"   ``start (end / start)^(e / (share E))``, then ``end``
    ==============  =================================================================

    What the papers use, with epochs counted from 0:

    - CIGAR, ``sqrt(1 + 10 (e - 1))`` counted from 1: ``EpochSchedule(kind="sqrt", rate=10.0)``;
    - FHN and DJSRH, ``sqrt(rate e + 1)``: ``EpochSchedule(kind="sqrt", rate=1.0)``;
    - CCSR, growing exponentially from 1: ``EpochSchedule(kind="exponential", end=100.0)``;
    - BIHGH: ``EpochSchedule(start=0.5)``;
    - HashGNN, 0.02 more in every second epoch, up to 1, without the stairs:
      ``EpochSchedule(kind="linear", start=0.0, rate=0.01, end=1.0)``. That needs a hundred epochs;
      ``EpochSchedule(kind="linear", start=0.0, end=1.0, share=0.8)`` gets there in any number.

    Attributes
    ----------
    kind : {"constant", "sqrt", "linear", "exponential"}
        Shape of the value over the epochs.
    start : float
        The value in epoch 0.
    rate : float
        Growth by epoch.
    end : float or None
        Last value; ``None`` is no limit.
    share : float
        The share of the epochs after which a line or curve from ``start`` to ``end`` is done.

    Examples
    --------
    >>> EpochSchedule(kind="exponential", end=100.0)(Step(epoch=5, epochs=10))
    10.0
    """

    kind: Literal["constant", "sqrt", "linear", "exponential"] = "constant"
    start: float = 1.0
    rate: float = 0.0
    end: float | None = None
    share: PositiveShare = 1.0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.kind == "sqrt" and not (self.rate >= 0 and self.start > 0):
            raise ValueError(
                f"a square root wants start > 0 and rate >= 0, got {self.start!r}, {self.rate!r}"
            )
        if self.kind == "linear" and self.rate == 0 and self.end is None:
            raise ValueError("a linear schedule wants a rate or an end, got neither")
        if self.kind == "exponential" and not (self.start > 0 and (self.end or 0) > 0):
            raise ValueError(
                f"an exponential schedule wants start > 0 and end > 0, got {self.start!r}, "
                f"{self.end!r}"
            )

    def __call__(self, step: Step) -> float:
        """The value in the epoch of ``step``."""
        done = min(1.0, step.epoch / (self.share * step.epochs))
        if self.kind == "sqrt":
            return self._limited(self.start * math.sqrt(1 + self.rate * step.epoch))
        if self.kind == "linear" and (self.rate != 0 or self.end is None):
            return self._limited(self.start + self.rate * step.epoch)
        if self.kind == "constant" or self.end is None:
            return self.start
        if self.kind == "linear":
            return self.start + (self.end - self.start) * done
        return float(self.start * (self.end / self.start) ** done)

    def _limited(self, value: float) -> float:
        if self.end is None:
            return value
        return min(value, self.end) if self.rate >= 0 else max(value, self.end)
