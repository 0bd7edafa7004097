# SPDX-License-Identifier: Apache-2.0
"""One side of a factorisation behind codes: real vectors, a rotation, its double, the codes."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.solvers.multi_view import Views

Floats = NDArray[np.float64]


class RotatedSide:
    """Vectors ``h`` (n, f), rotation ``r`` (f, f), codes ``sgn(h r')``.

    The rotation is split in two, ``r`` and ``z``, joined by a multiplier (the augmented
    Lagrangian of MDCF), so that each half has a closed solution.
    """

    def __init__(
        self, h: Floats, rotation: Floats, *, tie: float, penalty: float, views: Views | None
    ) -> None:
        self.h, self.r, self.views = h, rotation, views
        self._z, self._multiplier = rotation.copy(), np.zeros_like(rotation)
        self._tie, self._penalty = tie, penalty
        self.sign()

    @property
    def real(self) -> Floats:
        """The rotated vectors (n, f), whose signs are the codes."""
        return np.asarray(self.h @ self.r.T)

    def sign(self) -> None:
        """Codes of the present vectors; zero counts as +1."""
        self.codes = np.where(self.real >= 0, 1.0, -1.0)

    def update(self, matrix: sp.csr_matrix, other: Floats, rate: float) -> None:
        """Rotation, vectors, maps, codes, each moved by ``rate`` of the way to its optimum.

        ``matrix`` is (n, n_other), ``other`` the other side's rotated vectors.
        """
        product = np.asarray(matrix @ other)  # the only use of the interactions
        gram = other.T @ other
        self._rotate(product, gram, rate)
        self._fit_vectors(product, gram, rate)
        if self.views is not None:
            self.views.solve(self.h, rate)
        self.sign()

    def _rotate(self, product: Floats, gram: Floats, rate: float) -> None:
        scatter = self.h.T @ self.h
        target = 2 * (product + self._tie * self.codes).T @ self.h - gram @ self._z @ scatter
        rotation = nearest_rotation(target + self._penalty * self._z - self._multiplier)
        double = nearest_rotation(
            self._penalty * rotation + self._multiplier - gram @ rotation @ scatter
        )
        self._multiplier += self._penalty * (rotation - double)
        # A mixture of rotations is none, so the nearest one stands in for it.
        self.r = nearest_rotation((1 - rate) * self.r + rate * rotation)
        self._z = nearest_rotation((1 - rate) * self._z + rate * double)

    def _fit_vectors(self, product: Floats, gram: Floats, rate: float) -> None:
        weight, pull = (0.0, np.zeros(1)) if self.views is None else self.views.pull()
        quad = self.r.T @ gram @ self.r + (self._tie + weight) * np.eye(len(gram))
        right = (product + self._tie * self.codes) @ self.r + pull
        self.h = (1 - rate) * self.h + rate * np.linalg.solve(quad, right.T).T

    def value(self) -> float:
        """The tie of the codes and the views' part of the objective."""
        tie = self._tie * float(((self.codes - self.real) ** 2).sum())
        return tie + (0.0 if self.views is None else self.views.value(self.h))


def nearest_rotation(matrix: Floats) -> Floats:
    """The orthogonal ``R`` with the largest ``tr(R' matrix)``: ``P Q'`` of its decomposition."""
    left, _, right = np.linalg.svd(matrix)
    return np.asarray(left @ right)
