# SPDX-License-Identifier: Apache-2.0
"""Codes drawn to a linear map of their features (DCMF): ridge regression learnt alongside."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.solvers.state import SignState

Floats = NDArray[np.float64]
DIRECT = 1500  # up to so many features the normal equations are solved by Cholesky


class RidgeMap:
    """Map ``W = argmin weight ||B - X W||^2 + reg ||W||^2`` for changing codes ``B``."""

    def __init__(self, features: sp.csr_matrix, n_bits: int, weight: float, reg: float) -> None:
        self._x, self._weight, self._reg = features, weight, reg
        self.coefficients: Floats = np.zeros((features.shape[1], n_bits))
        self._normal: Floats | None = None
        if features.shape[1] <= DIRECT:
            gram = (features.T @ features).toarray()
            self._normal = np.linalg.inv(weight * gram + reg * np.eye(len(gram)))

    def solve(self, codes: Floats) -> Floats:
        """Fit to codes (n, n_bits); returns the prediction for the rows, (n, n_bits)."""
        right = self._weight * (self._x.T @ codes)
        if self._normal is not None:
            self.coefficients = self._normal @ right
        else:
            self.coefficients = self._conjugate_gradients(right)
        return np.asarray(self._x @ self.coefficients)

    def _conjugate_gradients(self, right: Floats, steps: int = 30) -> Floats:
        """All bits at once, one step length per bit, starting from the last solution."""

        def apply(w: Floats) -> Floats:
            return np.asarray(self._weight * (self._x.T @ (self._x @ w)) + self._reg * w)

        w = self.coefficients
        r = right - apply(w)
        p, rs = r.copy(), (r * r).sum(axis=0)
        floor = 1e-10 * (right * right).sum(axis=0) + 1e-300
        for _ in range(steps):
            if (rs <= floor).all():
                break
            ap = apply(p)
            step = np.where(rs > floor, rs / np.maximum((p * ap).sum(axis=0), 1e-300), 0.0)
            w = w + step * p
            r = r - step * ap
            new = (r * r).sum(axis=0)
            p = r + np.where(rs > floor, new / np.maximum(rs, 1e-300), 0.0) * p
            rs = new
        return w


class RidgeLinearTerm:
    """Linear term of ``weight ||B - X W||^2 + reg ||W||^2``, best ``W`` for the present codes."""

    def __init__(
        self, side: str, features: sp.csr_matrix, weight: float, reg: float, state: SignState
    ) -> None:
        self.side, self._weight, self._reg = side, weight, reg
        self._map = RidgeMap(features, state.n_bits, weight, reg)
        self._prediction = self._map.solve(_signs(state))

    def linear(self, states: States) -> RowLinear:
        """Predictions ``weight X W``."""
        rows = np.zeros(states[self.side].values.shape)
        rows[:, : states[self.side].n_bits] = self._weight * self._prediction
        return RowLinear(rows)

    def update(self, states: States) -> None:
        """Solve for ``W`` again."""
        self._prediction = self._map.solve(_signs(states[self.side]))

    def value(self, states: States) -> float:
        """The penalty itself."""
        gap = float(((_signs(states[self.side]) - self._prediction) ** 2).sum())
        return self._weight * gap + self._reg * float((self._map.coefficients**2).sum())

    def export(self) -> dict[str, NDArray[Any]]:
        """The map, by which rows never seen are encoded."""
        return {f"{self.side}_map": self._map.coefficients}


def _signs(state: SignState) -> Floats:
    return state.real()[:, : state.n_bits]
