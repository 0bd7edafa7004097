# SPDX-License-Identifier: Apache-2.0
"""One rotation for both sides, so that inner products stay what they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def equal_norms(user: Matrix, item: Matrix) -> tuple[Matrix, Matrix]:
    """Column scales ``a`` and ``1 / a`` that give both sides columns of equal norm, (d,) each.

    Matrix factorisation leaves ``a`` free; ``<p a, q / a> = <p, q>``.
    """
    lengths = np.linalg.norm(user, axis=0), np.linalg.norm(item, axis=0)
    both = (lengths[0] > 0) & (lengths[1] > 0)
    scale = np.sqrt(np.where(both, lengths[1], 1.0) / np.where(both, lengths[0], 1.0))
    return scale, 1.0 / scale


def item_weight(n_users: int, n_items: int) -> float:
    """Weight of the item term: the many users must not outvote the few items."""
    return max(1.0, n_users / n_items)


def learn_rotation(
    user: Matrix,
    item: Matrix,
    threshold: Callable[[Matrix], Matrix],
    *,
    rounds: int,
) -> tuple[Matrix, Matrix]:
    """Rotation ``R`` for which ``||B - P R||^2 + w ||D - Q R||^2`` is small.

    The codes ``B`` and ``D`` are the rows above the ``threshold`` of their rotated side. Codes and
    rotation are found in turn, at most ``rounds`` times, until the sum falls no more; with medians
    and without ties neither step can raise it.

    Returns
    -------
    rotation : float64 (d, d)
        Orthogonal.
    objective : float64 (n_kept,)
        Its value after each kept rotation; the first is that of the identity.
    """
    weight = item_weight(len(user), len(item))
    sides = ((user, 1.0), (item, weight))
    rotation = np.eye(user.shape[1])
    values: list[float] = []
    kept = rotation
    for _ in range(rounds + 1):
        value, cross = 0.0, np.zeros_like(rotation)
        for x, w in sides:
            y = x @ rotation
            codes = np.where(y > threshold(y), 1.0, -1.0)
            value += w * float(((codes - y) ** 2).sum())
            cross += w * (x.T @ codes)
        if values and value >= values[-1] * (1 - 1e-9):
            break
        values.append(value)
        kept = rotation
        left, _, right = np.linalg.svd(cross)
        rotation = left @ right
    return kept, np.array(values)
