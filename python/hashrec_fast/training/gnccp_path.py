# SPDX-License-Identifier: Apache-2.0
"""Settings of the proximal path as a part; no torch is needed to write a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from hashrec_fast.field_checks import check_fields
from hashrec_fast.ranges import Count, Interval, Main

Scaling = Literal["global", "rows", "none"]


@dataclass(frozen=True, kw_only=True)
class GnccpPath:
    """Path of ``z``: how it falls and how far each step goes.

    Attributes
    ----------
    decrement : float
        Step of ``z``, which falls from 1 to -1.
    iterations : int
        Most Frank-Wolfe steps at one ``z``.
    rule : {"schedule", "line_search"}
        Length of a step: ``1 / (t + 2)`` counted anew at every ``z`` (the authors' code), or the
        exact minimum along it for objectives that are quadratic in the variables moved together.
    update : {"joint", "alternating"}
        Whether all variables move at once or one after the other.
    scaling : {"global", "rows", "none"}
        Weights ``c``: the mean absolute gradient at a random corner, over everything or by row, or
        ones.
    """

    decrement: Main[Annotated[float, Interval(low=0, high=2, low_open=True)]] = 0.1
    iterations: Count = 10
    rule: Literal["schedule", "line_search"] = "schedule"
    update: Literal["joint", "alternating"] = "joint"
    scaling: Scaling = "global"

    def __post_init__(self) -> None:
        check_fields(self)

    def zetas(self) -> list[float]:
        """The values of ``z``, from 1 to -1."""
        steps = max(1, round(2 / self.decrement))
        return [1 - 2 * i / steps for i in range(steps + 1)]
