# SPDX-License-Identifier: Apache-2.0
"""Balance and decorrelation through delegates (survey eqs. 35-37)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import NO_LINEAR, RowLinear
from hashrec_fast.solvers.delegates import Delegate, make_delegate


class BalanceLinearTerm:
    """Linear term ``-2 weight tr(B'X)`` with the delegate ``X`` of the side's codes."""

    is_sum: ClassVar[bool] = True

    def __init__(self, side: str, weight: float, states: States, rng: np.random.Generator) -> None:
        self.side, self.weight, self._rng = side, weight, rng
        self._delegate: Delegate = make_delegate(states[side], rng)

    def linear(self, states: States) -> RowLinear:
        """Delegates ``weight * x_u`` as a map applied while the rows are visited."""
        del states
        return self._delegate.linear(self.weight) if self.weight > 0 else NO_LINEAR

    def update(self, states: States) -> None:
        """Solve for the delegate of the present codes."""
        self._delegate = make_delegate(states[self.side], self._rng)

    def value(self, states: States) -> float:
        """Value ``-2 weight tr(B'X)`` right after an update."""
        del states
        return -2 * self.weight * self._delegate.trace

    def export(self) -> dict[str, NDArray[Any]]:
        """No arrays: a single new row cannot be balanced."""
        return {}
