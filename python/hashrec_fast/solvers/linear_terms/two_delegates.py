# SPDX-License-Identifier: Apache-2.0
"""Balance and decorrelation by two separate targets (DMF), both linear maps of the codes.

``P_b = B - mu 1'`` is the nearest balanced matrix and ``P_d = sqrt(m) U V'`` (thin SVD of ``B``,
uncentred) the nearest with ``P P' = m I``; neither is stored.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import NO_LINEAR, DelegateMap, RowLinear
from hashrec_fast.solvers.state import SignState


class TwoDelegatesLinearTerm:
    """Linear term of ``balance ||B - P_b||^2 + decorrelation ||B - P_d||^2``."""

    is_sum: ClassVar[bool] = True

    def __init__(self, side: str, balance: float, decorrelation: float, state: SignState) -> None:
        self.side, self._balance, self._decorrelation = side, balance, decorrelation
        self._solve(state)

    def _solve(self, state: SignState) -> None:
        """Spectrum of ``B B'``; directions that the codes do not span are left out."""
        f, n = state.n_bits, len(state.values)
        values, vectors = np.linalg.eigh(state.gram()[:f, :f])
        kept = values > 1e-8 * max(1.0, float(values[-1]))
        root = np.where(kept, np.sqrt(np.where(kept, values, 1.0)), np.inf)
        self._map = np.sqrt(n) * (vectors / root) @ vectors.T
        self._mean = state.total()[:f] / n
        unbalanced = n * float((self._mean**2).sum())
        trace = float(np.sqrt(n) * np.sqrt(np.maximum(values, 0.0)).sum())
        skew = n * (f + float(kept.sum())) - 2 * trace
        self._value = self._balance * unbalanced + self._decorrelation * skew

    def linear(self, states: States) -> RowLinear:
        """Targets ``balance (b - mu) + decorrelation M b`` as one map of ``b`` minus a mean."""
        state = states[self.side]
        f, width = state.n_bits, state.values.shape[1]
        both = self._balance * np.eye(f) + self._decorrelation * self._map
        if not both.any():
            return NO_LINEAR
        matrix, mean = np.zeros((width, width)), np.zeros(width)
        matrix[:f, :f] = both
        mean[:f] = np.linalg.lstsq(both, self._balance * self._mean, rcond=None)[0]
        return RowLinear(delegate=DelegateMap(matrix, mean))

    def update(self, states: States) -> None:
        """Solve for the targets of the present codes."""
        self._solve(states[self.side])

    def value(self, states: States) -> float:
        """The penalties right after an update."""
        del states
        return self._value

    def export(self) -> dict[str, NDArray[Any]]:
        """No arrays: a single new row cannot be balanced."""
        return {}
