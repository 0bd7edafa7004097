# SPDX-License-Identifier: Apache-2.0
"""A pull with another weight, for objectives whose data term is on another scale."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.alternation import LinearTerm, States


class ScaledLinearTerm:
    """``factor`` times another pull; what it learns and exports stays the same."""

    def __init__(self, term: LinearTerm, factor: float) -> None:
        self.side, self._term, self._factor = term.side, term, factor

    def linear(self, states: States) -> RowLinear:
        """The linear term times the factor."""
        return self._term.linear(states).scaled(self._factor)

    def update(self, states: States) -> None:
        """As the pull itself."""
        self._term.update(states)

    def value(self, states: States) -> float:
        """The pull's value times the factor."""
        return self._factor * self._term.value(states)

    def export(self) -> dict[str, NDArray[Any]]:
        """As the pull itself."""
        return self._term.export()
