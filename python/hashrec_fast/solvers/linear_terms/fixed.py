# SPDX-License-Identifier: Apache-2.0
"""Codes drawn to fixed real vectors, such as those of an earlier stage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import RowLinear


class FixedLinearTerm:
    """Linear term ``-2 tr(B' A)`` for a matrix ``A`` (n, n_bits) that never changes."""

    def __init__(self, side: str, rows: NDArray[np.float64]) -> None:
        self.side, self._rows = side, rows

    def linear(self, states: States) -> RowLinear:
        """The matrix itself."""
        rows = np.zeros(states[self.side].values.shape)
        rows[:, : self._rows.shape[1]] = self._rows
        return RowLinear(rows)

    def update(self, states: States) -> None:
        """Change nothing: the matrix is fixed."""

    def value(self, states: States) -> float:
        """Value ``-2 tr(B' A)``."""
        signs = states[self.side].real()[:, : self._rows.shape[1]]
        return -2 * float((signs * self._rows).sum())

    def export(self) -> dict[str, NDArray[Any]]:
        """No arrays: new rows have no such vectors."""
        return {}
