# SPDX-License-Identifier: Apache-2.0
"""Delegates of balance and decorrelation (Zhang et al., SIGIR 2016; survey eqs. 35-37).

``X = argmax tr(B'X)`` subject to ``X 1 = 0`` and ``X X' = m I``. With the centred codes
``B - mu 1'`` and their scatter ``C = P S P'``, the full-rank solution is ``x_u = M (b_u - mu)``
with ``M = sqrt(m) P S^(-1/2) P'``, so ``X`` itself is never stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import DelegateMap, RowLinear
from hashrec_fast.solvers.state import SignState


@dataclass(frozen=True)
class Delegate:
    """Either the linear map of the full-rank case or the rows of the rank-deficient one.

    Attributes
    ----------
    matrix, mean : float64 (width, width) and (width,), or None
    rows : float64 (n, width) or None
        Set instead of ``matrix`` where the centred codes do not have full rank.
    trace : float
        ``tr(B'X)`` at the codes it was made from.
    """

    matrix: NDArray[np.float64] | None
    mean: NDArray[np.float64] | None
    rows: NDArray[np.float64] | None
    trace: float

    def linear(self, weight: float) -> RowLinear:
        """The linear term ``weight * x_u`` of every row."""
        if self.rows is not None:
            return RowLinear(np.ascontiguousarray(weight * self.rows))
        assert self.matrix is not None
        assert self.mean is not None
        return RowLinear(delegate=DelegateMap(weight * self.matrix, self.mean))


def make_delegate(state: SignState, rng: np.random.Generator) -> Delegate:
    """Solve for the delegate of the signs in ``state``."""
    f, (n, width) = state.n_bits, state.values.shape
    gram, total = state.moments()
    mean = total[:f] / n
    scatter = gram[:f, :f] - n * np.outer(mean, mean)
    values, vectors = np.linalg.eigh(scatter)
    full = values > 1e-8 * max(1.0, float(values[-1]))
    root = np.sqrt(values[full])
    trace = float(np.sqrt(n) * root.sum())
    padded_mean = np.zeros(width)
    padded_mean[:f] = mean
    if full.all():
        matrix = np.zeros((width, width))
        matrix[:f, :f] = np.sqrt(n) * (vectors / root) @ vectors.T
        return Delegate(matrix, padded_mean, None, trace)
    rows = np.zeros((n, width))
    if n > f:  # with fewer rows than bits the constraints cannot hold: no linear term
        rows[:, :f] = _complete(state.real()[:, :f] - mean, vectors, root, full, rng)
    return Delegate(None, None, rows, float((rows * state.real()).sum()))


def _complete(
    centred: NDArray[np.float64],
    vectors: NDArray[np.float64],
    root: NDArray[np.float64],
    full: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Rows of the delegate where some directions of the codes are empty: fill them at random."""
    n = len(centred)
    image = centred @ (vectors[:, full] / root)  # orthonormal columns
    noise = rng.standard_normal((n, int((~full).sum())))
    noise -= noise.mean(axis=0)
    for _ in range(2):  # twice is enough for orthogonality to rounding
        noise -= image @ (image.T @ noise)
    fill, _ = np.linalg.qr(noise)
    return np.asarray(np.sqrt(n) * (image @ vectors[:, full].T + fill @ vectors[:, ~full].T))
