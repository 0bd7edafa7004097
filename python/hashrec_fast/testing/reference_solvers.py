# SPDX-License-Identifier: Apache-2.0
"""Numpy twins of the solver kernels; slow, and equal to them to the last bit.

Sums of dyadic numbers are exact in any order, so ordinary matrix products may stand in for the
compiled loops; what rounds is written element by element in the kernels' order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.testing.reference_descent import ONE, Floats, SharedTerms, gram_row


def tanh_on_grid(x: float) -> float:
    """Step of the mean field: x to the nearest 1/512, its tanh to the nearest 1/256."""
    x = float(np.rint(min(max(x, -4.0), 4.0) * 512)) / 512
    s = x * x
    top = x * (135135.0 + s * (17325.0 + s * (378.0 + s)))
    bottom = 135135.0 + s * (62370.0 + s * (3150.0 + s * 28.0))
    rounded = min(float(np.floor(abs(top / bottom * ONE) + 0.5)), ONE)
    return float(np.copysign(rounded, top)) / ONE


def row_terms(
    r: int,
    state: NDArray[np.int16],
    n_bits: int,
    other: NDArray[np.int16],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    quad_weights: Floats | None,
    lin_weights: Floats,
    **options: Any,
) -> tuple[Floats, Floats]:
    """Matrix and linear term of one row problem, (width, width) and (width,)."""
    width = state.shape[1]
    scale = 1.0 if options.get("row_scale") is None else options["row_scale"][r]
    base_quad, base_linear = options.get("base_quad"), options.get("base_linear")
    quad = np.zeros((width, width)) if base_quad is None else scale * base_quad
    linear = np.zeros(width) if base_linear is None else scale * base_linear
    if options.get("row_linear") is not None:
        linear = linear + options["row_linear"][r]
    x = state[r] / ONE
    if options.get("delegate_matrix") is not None:
        pull = np.zeros(width)
        for k in range(width):
            pull = pull + (x - options["delegate_mean"])[k] * options["delegate_matrix"][k]
        linear = linear + pull
    entries = slice(indptr[r], indptr[r + 1])
    z = other[indices[entries]] / ONE
    weights = np.ones(len(z)) if quad_weights is None else quad_weights[entries]
    quad = quad + (weights[:, None] * z).T @ z
    for e in range(len(z)):  # in order: real targets may round
        linear = linear + lin_weights[entries][e] * z[e]
    if options.get("hinge") is not None:
        quad, linear = _add_hinge(
            r, state, n_bits, other, indices[entries], scale, quad, linear, options["hinge"]
        )
    return quad, linear


def _add_hinge(
    r: int,
    state: NDArray[np.int16],
    n_bits: int,
    other: NDArray[np.int16],
    entries: NDArray[np.int32],
    scale: float,
    quad: Floats,
    linear: Floats,
    hinge: tuple[Any, ...],
) -> tuple[Floats, Floats]:
    _, position, begin, units, unit, max_distance, weight, bound = hinge
    signs = np.where(other[:, :n_bits] >= 0, 1.0, -1.0)
    own = np.where(state[r, :n_bits] >= 0, 1.0, -1.0)
    inside = (n_bits - signs @ own) / 2 <= max_distance
    inside[entries] = False
    class_of = np.searchsorted(begin, position, side="right") - 1
    weights = np.asarray(units, dtype=np.float64)[class_of] * inside
    if weights.sum() == 0:
        return quad, linear
    factor = weight * unit * scale
    hinge_quad, hinge_linear = np.zeros_like(quad), np.zeros_like(linear)
    hinge_quad[:n_bits, :n_bits] = (weights[:, None] * signs).T @ signs
    hinge_linear[:n_bits] = weights @ signs
    return quad + factor * hinge_quad, linear + factor * bound * hinge_linear


def sweep(
    quad: Floats, linear: Floats, n_bits: int, x: Floats, *, temperature: float, sweeps: int
) -> Floats:
    """Bit-wise sign steps, or mean-field steps at a positive temperature."""
    x = x.copy()
    h = np.zeros_like(linear)
    for k in range(len(x)):
        h = h + x[k] * quad[k]
    diagonal = 0.0
    for k in range(n_bits):
        diagonal += quad[k, k]
    scale = temperature * diagonal / n_bits
    for _ in range(sweeps):
        largest = 0.0
        for k in range(n_bits):
            q = linear[k] - h[k] + quad[k, k] * x[k]
            if scale > 0:
                change = tanh_on_grid(q * (1.0 / scale)) - x[k]
            else:
                flip = q * x[k] < -1e-6 * (1.0 + abs(quad[k, k]))
                change = -2.0 * x[k] if flip else 0.0
            if change != 0.0:
                x[k] += change
                h = h + change * quad[k]
            largest = max(largest, abs(change))
        if largest < (0.01 if scale > 0 else 1e-300):
            break
    return x


def row_pass(
    state: NDArray[np.int16],
    n_bits: int,
    other: NDArray[np.int16],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    quad_weights: Floats | None,
    lin_weights: Floats,
    *,
    rows: NDArray[np.int32] | None = None,
    temperature: float = 0.0,
    sweeps: int = 5,
    block_bits: int = 1,
    other_codes: Any = None,
    num_threads: int = 0,
    **options: Any,
) -> int:
    """Twin of ``_core.row_pass``; updates ``state`` in place."""
    del other_codes, num_threads
    changed = 0
    visited = np.arange(len(state)) if rows is None else rows
    signs_only = options.get("hinge") is None and temperature <= 0
    signs_only = signs_only and bool((np.abs(state[visited, :n_bits]) == ONE).all())
    for r in map(int, visited):
        if signs_only:
            x = state[r] / ONE
            entries = slice(indptr[r], indptr[r + 1])
            z, lin = other[indices[entries]] / ONE, lin_weights[entries]
            weights = np.ones(len(z)) if quad_weights is None else quad_weights[entries]
            shared = SharedTerms(r, x, options)
            gram_row(x, n_bits, shared, z, weights, lin, sweeps=sweeps, block_bits=block_bits)
            new = (x * ONE).astype(np.int16)
            changed += int((new != state[r]).sum())
            state[r] = new
            continue
        quad, linear = row_terms(
            r, state, n_bits, other, indptr, indices, quad_weights, lin_weights, **options
        )
        x = sweep(quad, linear, n_bits, state[r] / ONE, temperature=temperature, sweeps=sweeps)
        new = (x * ONE).astype(np.int16)
        changed += int(((new >= 0) != (state[r] >= 0))[:n_bits].sum())
        state[r] = new
    return changed


def dense_objective(
    user_signs: NDArray[np.int8],
    item_signs: NDArray[np.int8],
    observed: NDArray[np.bool_],
    soft: NDArray[np.bool_],
    user_weight: Floats,
    rest_weight: float,
    loss: Any,
    *,
    hinge: bool = True,
) -> float:
    """The whole-data objective by dense matrices, per f^2 and observed pair."""
    f = user_signs.shape[1]
    score = user_signs.astype(np.float64) @ item_signs.astype(np.float64).T
    rest = ~(observed | soft)
    bound = f - 2 * np.floor((1 - loss.hinge_margin) * f / 2 + 1e-9)
    c = user_weight[:, None] * rest
    total = float(((loss.target * f - score)[observed] ** 2).sum())
    total += loss.soft_weight * float(((loss.soft_target * f - score)[soft] ** 2).sum())
    total += rest_weight * float((c * (loss.rest_target * f - score) ** 2).sum())
    if hinge:
        total += loss.hinge_weight * float((c * np.maximum(0, score - bound) ** 2).sum())
    return float(total / (f * f * int(observed.sum())))
