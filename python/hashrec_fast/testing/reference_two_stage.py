# SPDX-License-Identifier: Apache-2.0
"""Plain twins of the two-stage solvers and quantisers: dense matrices, one row at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def ridge_side(ratings: Matrix, other: Matrix, ridge: Matrix) -> Matrix:
    """Ridge regression of every row on the rows of ``other`` it has ratings for (NaN: none)."""
    out = np.zeros((len(ratings), other.shape[1]))
    for u, row in enumerate(ratings):
        seen = ~np.isnan(row)
        if seen.any():
            y = other[seen]
            out[u] = np.linalg.solve(y.T @ y + ridge[u] * np.eye(y.shape[1]), y.T @ row[seen])
    return out


def box_side(
    targets: Matrix, other: Matrix, rest: Matrix, balance: float, ridge: Matrix
) -> tuple[Matrix, float]:
    """Least squares of one whole side over the box, as one problem for a general solver.

    Minimises ``sum (t - x_u'y_i)^2 + sum c_u |x_u|^2 + balance |rest + sum_u x_u|^2`` over x in
    ``[-1, 1]``; targets that are NaN do not count.
    """
    from scipy.optimize import lsq_linear  # noqa: PLC0415 - import time

    n, f = len(targets), other.shape[1]
    rows, wanted = [], []
    for u in range(n):
        for i in np.flatnonzero(~np.isnan(targets[u])):
            line = np.zeros((n, f))
            line[u] = other[i]
            rows.append(line.ravel())
            wanted.append(targets[u, i])
    for k in range(f):
        line = np.zeros((n, f))
        line[:, k] = np.sqrt(balance)
        rows.append(line.ravel())
        wanted.append(-np.sqrt(balance) * rest[k])
    for u in range(n):
        for k in range(f):
            line = np.zeros((n, f))
            line[u, k] = np.sqrt(ridge[u])
            rows.append(line.ravel())
            wanted.append(0.0)
    found = lsq_linear(np.array(rows), np.array(wanted), bounds=(-1, 1), tol=1e-14, max_iter=1000)
    return found.x.reshape(n, f), 2 * float(found.cost)


def norm_target_value(x: Matrix, gram: Matrix, linear: Matrix, c: float, weight: float) -> float:
    """Value ``x'G x - 2 b'x + weight (|x|^2 - c)^2`` of one row."""
    return float(x @ gram @ x - 2 * linear @ x + weight * (x @ x - c) ** 2)


def norm_target_row(
    x: Matrix, gram: Matrix, linear: Matrix, c: float, weight: float
) -> tuple[Matrix, float]:
    """The minimum of :func:`norm_target_value` that a general solver reaches from ``x``."""
    from scipy.optimize import minimize  # noqa: PLC0415 - import time

    found = minimize(
        norm_target_value, x, args=(gram, linear, c, weight), method="BFGS", options={"gtol": 1e-9}
    )
    return found.x, float(found.fun)


def orthogonal_agreement(ratings: Matrix, n_factors: int) -> float:
    """Largest ``tr(P'RQ)`` with ``P'P = m I`` and ``Q'Q = n I``: by singular values."""
    values = np.linalg.svd(ratings, compute_uv=False)
    return float(values[:n_factors].sum() * np.sqrt(ratings.size))


def rotation_rounds(
    user: Matrix, item: Matrix, weight: float, threshold: Callable[[Matrix], float], rounds: int
) -> list[float]:
    """Objective of two-sided ITQ after each rotation, bit by bit; starts with the identity."""
    rotation = np.eye(user.shape[1])
    values = []
    for _ in range(rounds):
        value, cross = 0.0, np.zeros_like(rotation)
        for x, w in ((user, 1.0), (item, weight)):
            for k in range(rotation.shape[1]):
                column = np.array([row @ rotation[:, k] for row in x])
                limit = threshold(column)
                bits = [1.0 if v > limit else -1.0 for v in column]
                value += w * sum((b - v) ** 2 for b, v in zip(bits, column, strict=True))
                cross[:, k] += w * sum(b * row for b, row in zip(bits, x, strict=True))
        values.append(value)
        left, _, right = np.linalg.svd(cross)
        rotation = left @ right
    return values


def norm_bits(items: Matrix) -> list[list[bool]]:
    """The two norm bits of PPH, item by item."""
    lengths = [float(row @ row) for row in items]
    mean = sum(lengths) / len(lengths)
    std = (sum((v - mean) ** 2 for v in lengths) / len(lengths)) ** 0.5
    bits = []
    for v in lengths:
        if v < mean - std:
            bits.append([False, False])
        elif v > mean + std:
            bits.append([True, True])
        else:
            bits.append([False, True])
    return bits
