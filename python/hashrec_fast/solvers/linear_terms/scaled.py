# SPDX-License-Identifier: Apache-2.0
"""Linear terms with another weight, for objectives whose data term is on another scale."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from hashrec_fast.contracts import LinearTerm, States
from hashrec_fast.kernels.row_terms import RowLinear


class ScaledLinearTerm:
    """Linear term of another one times ``factor``; what that learns and exports stays the same."""

    def __init__(self, term: LinearTerm, factor: float) -> None:
        self.side, self._term, self._factor = term.side, term, factor

    def linear(self, states: States) -> RowLinear:
        """Rows of the other term times the factor."""
        return self._term.linear(states).scaled(self._factor)

    def update(self, states: States) -> None:
        """The other term's, unchanged."""
        self._term.update(states)

    def value(self, states: States) -> float:
        """Value of the other term times the factor."""
        return self._factor * self._term.value(states)

    def export(self) -> dict[str, NDArray[Any]]:
        """The other term's, unchanged."""
        return self._term.export()
