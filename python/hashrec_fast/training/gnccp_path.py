# SPDX-License-Identifier: Apache-2.0
"""Settings of the proximal path as a part; no torch is needed to write a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scaling = Literal["global", "rows", "none"]


@dataclass(frozen=True, kw_only=True)
class GnccpPath:
    """Path of ``z``: how it falls and how far each step goes.

    Attributes
    ----------
    decrement : float
        Step of ``z``.
    iterations : int
        Most Frank-Wolfe steps at one ``z``.
    rule : {"schedule", "line_search"}
        ``1 / (t + 2)`` counted anew at every ``z`` (the authors' code), or the exact minimum
        along the step for objectives that are quadratic in the variables moved together.
    update : {"joint", "alternating"}
        All variables move at once, or one after the other.
    scaling : {"global", "rows", "none"}
        Weights ``c``: mean absolute gradient at a random corner, over everything or by row.
    """

    decrement: float = 0.1
    iterations: int = 10
    rule: Literal["schedule", "line_search"] = "schedule"
    update: Literal["joint", "alternating"] = "joint"
    scaling: Scaling = "global"

    def __post_init__(self) -> None:
        if not 0 < self.decrement <= 2:
            raise ValueError(f"decrement must be above 0 and at most 2, got {self.decrement}")
        for name, known in (
            ("rule", ("schedule", "line_search")),
            ("update", ("joint", "alternating")),
            ("scaling", ("global", "rows", "none")),
        ):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {known}, got {getattr(self, name)!r}")

    def zetas(self) -> list[float]:
        """The values of ``z``, from 1 to -1."""
        steps = max(1, round(2 / self.decrement))
        return [1 - 2 * i / steps for i in range(steps + 1)]
