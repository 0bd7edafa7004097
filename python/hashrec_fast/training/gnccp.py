# SPDX-License-Identifier: Apache-2.0
"""Proximal sign optimisation: a path from convex to concave, walked by Frank-Wolfe steps.

GNCCP (Liu and Qiao, TPAMI 2014; survey eq. 50) minimises over the box ``[-1, 1]``

    ``L_z(B) = (1 - |z|) L(B) + z sum_r c_r |b_r|^2``

while ``z`` falls from 1 to -1. At ``z = 1`` the minimiser is the centre of the box, near -1 the
function is concave and its minimisers are corners, that is codes. On corners the second term is
a constant, so any positive weights ``c`` are allowed; they set when a row makes up its mind, and
an objective of unknown scale needs them (``1 / c`` is the survey's missing normalisation).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hashrec_fast.training.gnccp_path import GnccpPath, Scaling

Objective = Callable[..., Tensor]


@dataclass
class Corner:
    """End of :func:`gnccp`: signs of every variable, the scale ``kappa`` and the path."""

    signs: list[Tensor]
    kappa: float
    history: list[dict[str, Any]] = field(default_factory=list)


def gnccp(
    objective: Objective,
    starts: Sequence[Tensor],
    path: GnccpPath,
    rng: np.random.Generator,
    report: Callable[[dict[str, Any]], None] | None = None,
    between: Callable[[Sequence[Tensor]], None] | None = None,
) -> Corner:
    """Minimise a differentiable objective over sign matrices.

    Parameters
    ----------
    objective : callable
        Takes the matrices, returns a scalar tensor with a gradient.
    starts : sequence of float tensors of shape (rows, n_bits)
        Clipped to the box. The convex end forgets them, but for the symmetry they break.
    path : GnccpPath
    rng : numpy.random.Generator
        Draws the corner at which the scale is measured.
    report : callable or None
        Called with one dict for each value of ``z``.

    between : callable or None
        Called with the points after each value of ``z``, for what is learnt beside the signs.

    Returns
    -------
    Corner
        ``signs`` are tensors of -1 and +1; a value of exactly zero becomes -1.
    """
    points = [start.detach().clamp(-1, 1) for start in starts]
    weights = row_weights(objective, points, path.scaling, rng)
    kappa = 1 / mean_size(weights)
    history: list[dict[str, Any]] = []
    for round_number, zeta in enumerate(path.zetas()):
        value, taken = _minimise_at(objective, points, weights, zeta, path)
        if between is not None:
            between(points)
        away = max(float((p.abs() - 1).abs().max()) for p in points if p.numel())
        row = {
            "round": float(round_number),
            "zeta": zeta,
            "objective": value,
            "steps": float(taken),
            "away_from_corner": away,
        }
        history.append(row)
        if report is not None:
            report(row)
        if away < 1e-3:
            break
    signs = [torch.where(point > 0, 1.0, -1.0).to(point.dtype) for point in points]
    return Corner(signs, kappa, history)


def mean_size(tensors: Sequence[Tensor]) -> float:
    """Mean absolute value, summed by one thread so that thread counts do not show."""
    arrays = [tensor.detach().cpu().numpy() for tensor in tensors]
    total = sum(float(np.abs(array).sum(dtype=np.float64)) for array in arrays)
    return total / max(1, sum(array.size for array in arrays))


def row_weights(
    objective: Objective, points: Sequence[Tensor], scaling: Scaling, rng: np.random.Generator
) -> list[Tensor]:
    """Weights ``c`` of the rows of every variable, shape (rows, 1)."""
    if scaling == "none":
        return [torch.ones_like(point[:, :1]) for point in points]
    corner = [torch.as_tensor(rng.integers(0, 2, tuple(p.shape)) * 2.0 - 1.0).to(p) for p in points]
    _, gradients = value_and_gradients(objective, corner, range(len(corner)))
    overall = max(mean_size(gradients), 1e-30)
    if scaling == "global":
        return [torch.full_like(point[:, :1], overall) for point in points]
    # A row that the random corner happens to leave flat must not become free of the path.
    return [g.abs().mean(dim=1, keepdim=True).clamp(min=0.01 * overall) for g in gradients]


def value_and_gradients(
    objective: Objective, points: Sequence[Tensor], moved: Sequence[int]
) -> tuple[float, list[Tensor]]:
    """Objective and its gradients with respect to the variables numbered in ``moved``."""
    leaves = [point.detach().requires_grad_(number in moved) for number, point in enumerate(points)]
    value = objective(*leaves)
    gradients = torch.autograd.grad(value, [leaves[number] for number in moved])
    return float(value.detach()), [gradient.detach() for gradient in gradients]


def _minimise_at(
    objective: Objective, points: list[Tensor], weights: list[Tensor], zeta: float, path: GnccpPath
) -> tuple[float, int]:
    """Frank-Wolfe at one ``zeta``, in place; the last value seen and the steps taken."""
    everything = list(range(len(points)))
    groups = [everything] if path.update == "joint" else [[number] for number in everything]
    value, taken = float("nan"), 0
    for step in range(path.iterations):
        largest = 0.0
        for group in groups:
            value, size = _step(objective, points, weights, zeta, path, group, step)
            largest = max(largest, size)
        taken = step + 1
        if largest < 1e-6:
            break
    return value, taken


def _step(
    objective: Objective,
    points: list[Tensor],
    weights: list[Tensor],
    zeta: float,
    path: GnccpPath,
    group: list[int],
    step: int,
) -> tuple[float, float]:
    """Move one group of variables; the objective before it and the mean size of the gradient."""
    value, gradients = value_and_gradients(objective, points, group)
    share = 1 - abs(zeta)
    total = [
        share * gradient + 2 * zeta * weights[number] * points[number]
        for gradient, number in zip(gradients, group, strict=True)
    ]
    size = mean_size(total) / max(mean_size(weights), 1e-30)
    if size < 1e-6:
        return value, size
    deltas = [
        torch.where(gradient < 0, 1.0, -1.0) - points[number]
        for gradient, number in zip(total, group, strict=True)
    ]
    length = 1 / (step + 2)
    if path.rule == "line_search":
        length = _exact_length(
            objective, points, weights, zeta, group, value, gradients, total, deltas
        )
    for number, delta in zip(group, deltas, strict=True):
        points[number] = points[number] + length * delta
    return value, size


def _exact_length(
    objective: Objective,
    points: list[Tensor],
    weights: list[Tensor],
    zeta: float,
    group: list[int],
    value: float,
    gradients: list[Tensor],
    total: list[Tensor],
    deltas: list[Tensor],
) -> float:
    """Minimum along the step of a function that is quadratic along it, at most 1."""
    shifted = list(points)
    for number, delta in zip(group, deltas, strict=True):
        shifted[number] = points[number] + delta
    with torch.no_grad():
        far = float(objective(*shifted))
    bend = far - value - _dot(gradients, deltas)
    spread = _dot([weights[number] * d for number, d in zip(group, deltas, strict=True)], deltas)
    curvature = 2 * ((1 - abs(zeta)) * bend + zeta * spread)
    slope = -_dot(total, deltas)
    return min(1.0, slope / curvature) if curvature > 0 else 1.0


def _dot(left: Sequence[Tensor], right: Sequence[Tensor]) -> float:
    """Inner product in float64 by one thread."""
    return float(
        sum(
            (a * b).detach().cpu().numpy().sum(dtype=np.float64)
            for a, b in zip(left, right, strict=True)
        )
    )
