# SPDX-License-Identifier: Apache-2.0
"""Weights of the components of a compositional code for each row (CCCF).

A component stands for a region around an anchor, a medoid of real factors; rows near the anchor
use the component more, rows beyond the bandwidth not at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def unit_rows(values: Floats) -> Floats:
    """Rows of length one; zero rows stay."""
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.where(length > 0, length, 1.0))


def medoids(
    values: Floats, n_medoids: int, rng: np.random.Generator, *, rounds: int = 20
) -> NDArray[np.int64]:
    """Rows that stand for clusters by cosine, alternating as k-means does.

    The medoid of a cluster is its row with the largest sum of cosines to the others, found from
    the sum of the cluster's unit rows. Fewer rows than medoids repeat rows.
    """
    unit = unit_rows(values)
    chosen = rng.choice(len(unit), n_medoids, replace=len(unit) < n_medoids)
    for _ in range(rounds):
        nearest = np.argmax(unit @ unit[chosen].T, axis=1)
        before = chosen.copy()
        for g in range(n_medoids):
            members = np.flatnonzero(nearest == g)
            if len(members):
                closeness = unit[members] @ unit[members].sum(axis=0)
                chosen[g] = members[np.argmax(closeness)]
        if (chosen == before).all():
            break
    return chosen


def pair_up(users: Floats, items: Floats) -> NDArray[np.int64]:
    """Item anchor that goes with each user anchor, best scores first."""
    score = unit_rows(users) @ unit_rows(items).T
    partner = np.zeros(len(users), dtype=np.int64)
    for _ in range(len(users)):
        u, i = np.unravel_index(np.argmax(score), score.shape)
        partner[u] = i
        score[u], score[:, i] = -np.inf, -np.inf
    return partner


def component_weights(values: Floats, anchors: Floats, bandwidth: float) -> Floats:
    """Epanechnikov weights of every row for every anchor, rows summing to one.

    ``max(0, 3/4 (1 - ((1 - s) / bandwidth)^2))`` with ``s = 1 - (2 / pi) acos(cos)``. A row that
    no anchor reaches weighs all components alike.

    Returns
    -------
    float64 (n, n_anchors)
    """
    cosine = np.clip(unit_rows(values) @ unit_rows(anchors).T, -1.0, 1.0)
    distance = (2 / np.pi) * np.arccos(cosine)
    weights = np.maximum(0.0, 0.75 * (1 - (distance / bandwidth) ** 2))
    total = weights.sum(axis=1, keepdims=True)
    alike = np.full_like(weights, 1 / weights.shape[1])
    return np.where(total > 0, weights / np.where(total > 0, total, 1.0), alike)
