# SPDX-License-Identifier: Apache-2.0
"""Codes drawn to an orthogonal map of their features (DMF): no regulariser to choose."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.state import SignState

Floats = NDArray[np.float64]


class StiefelLinearTerm:
    """Linear term ``-2 weight tr(B' X W)``, ``W = argmax`` over matrices of orthonormal columns."""

    def __init__(self, side: str, features: sp.csr_matrix, weight: float, state: SignState) -> None:
        self.side, self._x, self._weight = side, features, weight
        self._solve(state)

    def _solve(self, state: SignState) -> None:
        cross = np.asarray(self._x.T @ _signs(state))
        left, values, right = np.linalg.svd(cross, full_matrices=False)
        self._map: Floats = left @ right
        self._trace = float(values.sum())

    def linear(self, states: States) -> RowLinear:
        """Predictions ``weight X W``."""
        state = states[self.side]
        rows = np.zeros(state.values.shape)
        rows[:, : state.n_bits] = self._weight * (self._x @ self._map)
        return RowLinear(rows)

    def update(self, states: States) -> None:
        """Solve for ``W`` again, by a thin SVD of ``X' B``."""
        self._solve(states[self.side])

    def value(self, states: States) -> float:
        """Value ``-2 weight tr(B' X W)`` right after an update."""
        del states
        return -2 * self._weight * self._trace

    def export(self) -> dict[str, NDArray[Any]]:
        """The map, by which rows never seen are encoded."""
        return {f"{self.side}_map": self._map}


def unit_rows(features: sp.csr_matrix) -> sp.csr_matrix:
    """Rows scaled to length one; empty rows stay empty."""
    norms = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1.0 / np.where(norms > 0, norms, 1.0)) @ features)


def _signs(state: SignState) -> Floats:
    return state.real()[:, : state.n_bits]
