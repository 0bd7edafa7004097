# SPDX-License-Identifier: Apache-2.0
"""Numpy twins of the descent over rows of signs: Gram form, residual form, blocks of bits.

``D_k = sum_e z_ek v_e + kappa_k x_k`` with ``v_e = lin_e - quad_e z_e'x`` is what a row's entries
push bit k by, and ``R_k = a_k - scale (h_k - C_kk x_k)`` with ``h = C x`` what all else does. A bit
flips where ``x_k (D_k + R_k)`` is below its margin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

ONE = 256
LANES = 32
Floats = NDArray[np.float64]


def ordered_product(vector: Floats, matrix: Floats) -> Floats:
    """Product ``vector @ matrix``, rows of the matrix added in ascending order."""
    total = np.zeros(matrix.shape[1])
    for value, line in zip(vector, matrix, strict=True):
        total = total + value * line
    return total


class SharedTerms:
    """Terms ``R`` of one row, kept while bits flip."""

    def __init__(self, r: int, x: Floats, options: dict[str, Any]) -> None:
        given = {name: value for name, value in options.items() if value is not None}
        self.scale = given["row_scale"][r] if "row_scale" in given else 1.0
        width = len(x)
        linear = self.scale * given["base_linear"] if "base_linear" in given else np.zeros(width)
        if "row_linear" in given:
            linear = linear + given["row_linear"][r]
        if "delegate_matrix" in given:
            pull = ordered_product(x - given["delegate_mean"], given["delegate_matrix"])
            linear = linear + pull
        self.linear: Floats = linear
        self.quad: Floats | None = given.get("base_quad")
        if self.quad is not None:
            self.h = ordered_product(x, self.quad)

    def push(self, k: int, x: Floats) -> float:
        """Push ``R_k`` of the shared terms on bit k."""
        if self.quad is None:
            return float(self.linear[k])
        others = self.h[k] - self.quad[k, k] * x[k]
        return float(self.linear[k] - self.scale * others)

    def margin(self, k: int, curvature: float) -> float:
        """Margin by which ``x_k q_k`` must lie below zero."""
        own = 0.0 if self.quad is None else self.quad[k, k]
        return float(1e-6 * (1.0 + abs(curvature + self.scale * own)))

    def flip(self, k: int, change: float) -> None:
        """Follow a change of bit k."""
        if self.quad is not None:
            self.h = self.h + change * self.quad[k]


def descend(
    x: Floats,
    n_bits: int,
    shared: SharedTerms,
    gain: Callable[[int], float],
    curvature: Floats,
    flip: Callable[[int, float], None],
    sweeps: int,
) -> None:
    """Bits one by one, in place; ``gain(k)`` is ``D_k``."""
    for _ in range(sweeps):
        flips = 0
        for k in range(n_bits):
            q = gain(k) + shared.push(k, x)
            if q * x[k] < -shared.margin(k, curvature[k]):
                change = -2.0 * x[k]
                x[k] = -x[k]
                flip(k, change)
                shared.flip(k, change)
                flips += 1
        if flips == 0:
            return


def gram_row(
    x: Floats,
    n_bits: int,
    shared: SharedTerms,
    z: Floats,
    quad: Floats,
    lin: Floats,
    *,
    sweeps: int,
    block_bits: int = 1,
) -> None:
    """One row in Gram form, x in place; z (n, width) and all weights dyadic."""
    gram = (quad[:, None] * z).T @ z
    diagonal = np.diag(gram).copy()
    gain = z.T @ lin - gram @ x + diagonal * x

    def flip(k: int, change: float) -> None:
        own = gain[k]
        gain[:] = gain - change * gram[k]
        gain[k] = own

    if block_bits <= 1:
        descend(x, n_bits, shared, lambda k: float(gain[k]), diagonal, flip, sweeps)
        return
    for _ in range(sweeps):
        flips = 0
        for start in range(0, n_bits, block_bits):
            bits = list(range(start, min(start + block_bits, n_bits)))
            matrix = gram[np.ix_(bits, bits)]
            if shared.quad is not None:
                matrix = matrix + shared.scale * shared.quad[np.ix_(bits, bits)]
            q = np.array([gain[k] + shared.push(k, x) for k in bits])
            tolerance = 4.0 * max(shared.margin(k, diagonal[k]) for k in bits)
            for k in np.array(bits)[best_flips(x[bits], q, matrix, tolerance)]:
                change = -2.0 * x[k]
                x[k] = -x[k]
                flip(k, change)
                shared.flip(k, change)
                flips += 1
        if flips == 0:
            return


def best_flips(x: Floats, q: Floats, matrix: Floats, tolerance: float) -> NDArray[np.bool_]:
    """Bits to flip, all 2^m values tried in the order of the Gray code."""
    x, q, m = x.copy(), q.copy(), len(x)
    value, best = 0.0, 0.0
    flipped, best_set = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
    for step in range(1, 2**m):
        j = (step & -step).bit_length() - 1
        value += 4.0 * x[j] * q[j]
        change = -2.0 * x[j]
        x[j] = -x[j]
        own = q[j]
        q = q - change * matrix[j]
        q[j] = own
        flipped[j] = ~flipped[j]
        if value < best - tolerance:
            best, best_set = value, flipped.copy()
    return best_set


def lane_sum(values: Floats) -> float:
    """Sum in the kernels' order: 32 lanes, then a tree."""
    padded = np.zeros(-(-len(values) // LANES) * LANES)
    padded[: len(values)] = values
    lanes = np.zeros(LANES)
    for block in padded.reshape(-1, LANES):
        lanes = lanes + block
    a, b, c, d = lanes.reshape(4, 8)
    s = (a + b) + (c + d)
    return float(((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])))


def residual_row(
    x: Floats,
    n_bits: int,
    shared: SharedTerms,
    z: Floats,
    quad: Floats | None,
    lin: Floats,
    *,
    sweeps: int,
) -> None:
    """One row in residual form, x in place; real designs round as the kernels do."""
    score = np.zeros(len(z))
    for k in range(len(x)):
        score = score + x[k] * z[:, k]
    v = lin - (score if quad is None else score * quad)
    squares = z * z if quad is None else quad[:, None] * (z * z)
    curvature = np.array([lane_sum(squares[:, k]) for k in range(len(x))])

    def flip(k: int, change: float) -> None:
        step = change * z[:, k]
        v[:] = v - (step if quad is None else step * quad)

    def gain(k: int) -> float:
        return float(lane_sum(z[:, k] * v) + curvature[k] * x[k])

    descend(x, n_bits, shared, gain, curvature, flip, sweeps)


def residual_pass(
    state: NDArray[np.int16],
    n_bits: int,
    design: NDArray[Any],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    quad_weights: Floats | None,
    lin_weights: Floats,
    *,
    rows: NDArray[np.int32] | None = None,
    sweeps: int = 5,
    num_threads: int = 0,
    **options: Any,
) -> int:
    """Twin of ``_core.residual_pass``; updates ``state`` in place."""
    del num_threads
    table = np.zeros((len(design), state.shape[1]))
    if design.dtype == np.uint64:
        bits = np.unpackbits(design.view(np.uint8), axis=1, bitorder="little")[:, :n_bits]
        table[:, :n_bits] = 2.0 * bits - 1.0
    else:
        table[:] = design
    changed = 0
    for r in range(len(state)) if rows is None else rows:
        x = state[r] / ONE
        entries = slice(indptr[r], indptr[r + 1])
        quad = None if quad_weights is None else quad_weights[entries]
        shared = SharedTerms(r, x, options)
        z = table[indices[entries]]
        residual_row(x, n_bits, shared, z, quad, lin_weights[entries], sweeps=sweeps)
        new = (x * ONE).astype(np.int16)
        changed += int((new != state[r]).sum())
        state[r] = new
    return changed
