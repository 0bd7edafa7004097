# SPDX-License-Identifier: Apache-2.0
"""Numpy twins of the float kernels: the same float32 operations in the same order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LANES, CHUNKS = 16, 16


def dot(a: Floats, b: Floats) -> np.float32:
    """Sixteen running sums, then halves added onto halves."""
    lanes = np.zeros(LANES, dtype=np.float32)
    for k in range(0, len(a), LANES):
        lanes = lanes + a[k : k + LANES] * b[k : k + LANES]
    while len(lanes) > 1:
        half = len(lanes) // 2
        lanes = lanes[:half] + lanes[half:]
    return np.float32(lanes[0])


def gram(y: Floats) -> Floats:
    """Y'Y: rows in order inside sixteen fixed chunks, then the chunks in order."""
    width = y.shape[1]
    per_chunk = -(-len(y) // CHUNKS)
    parts = []
    for c in range(CHUNKS):
        part = np.zeros((width, width), dtype=np.float32)
        for row in y[c * per_chunk : (c + 1) * per_chunk]:
            part = part + np.outer(row, row)
        parts.append(part)
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _apply(matrix: Floats | None, reg: np.float32, rows: Floats, quad: Floats, p: Floats) -> Floats:
    out = reg * p
    if matrix is not None:
        for k in range(len(p)):
            out = out + p[k] * matrix[k]
    for y, weight in zip(rows, quad, strict=True):
        out = out + (weight * dot(y, p)) * y
    return out


def ridge_row(
    matrix: Floats | None,
    reg: float,
    linear: Floats | None,
    rows: Floats,
    quad: Floats,
    lin: Floats,
    x: Floats,
    steps: int,
) -> Floats:
    """Conjugate gradients on (matrix + reg I + sum quad y y') x = linear + sum lin y."""
    ridge = np.float32(reg)
    r = (np.zeros_like(x) if linear is None else linear) - _apply(matrix, ridge, rows, quad, x)
    for y, weight in zip(rows, lin, strict=True):
        r = r + weight * y
    p = r.copy()
    rs = dot(r, r)
    for _ in range(steps):
        if not rs > np.float32(1e-20):
            break
        ap = _apply(matrix, ridge, rows, quad, p)
        size = rs / dot(p, ap)
        x = x + size * p
        r = r + (-size) * ap
        following = dot(r, r)
        p = r + (following / rs) * p
        rs = following
    return x


def ridge_pass(
    x: Floats,
    y: Floats,
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    *,
    use_gram: bool,
    quad: float | Floats,
    lin: float | Floats,
    reg: float,
    row_reg: Floats | None = None,
    row_linear: Floats | None = None,
    steps: int = 3,
) -> Floats:
    """Twin of ``_core.ridge_pass``; returns the new rows instead of writing them."""
    matrix = gram(y) if use_gram else None
    quad_weights = np.broadcast_to(np.asarray(quad, dtype=np.float32), indices.shape)
    lin_weights = np.broadcast_to(np.asarray(lin, dtype=np.float32), indices.shape)
    out = np.zeros_like(x)
    for r in range(len(x)):
        part = slice(indptr[r], indptr[r + 1])
        linear = None if row_linear is None else row_linear[r]
        if len(indices[part]) == 0 and linear is None:
            continue
        extra = np.float32(0) if row_reg is None else row_reg[r]
        out[r] = ridge_row(
            matrix,
            float(np.float32(reg) + extra),
            linear,
            y[indices[part]],
            quad_weights[part],
            lin_weights[part],
            x[r],
            steps,
        )
    return out
