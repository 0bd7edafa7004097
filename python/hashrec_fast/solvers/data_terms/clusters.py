# SPDX-License-Identifier: Apache-2.0
"""k-means of real factors (Lloyd), small and seeded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cluster_centres(
    values: NDArray[np.float64], n_clusters: int, rng: np.random.Generator, *, rounds: int = 20
) -> NDArray[np.float64]:
    """The centre of every row's cluster, float64 of the shape of ``values``.

    Starts from random rows; an emptied cluster keeps its centre. No more clusters than rows.
    """
    n_clusters = min(n_clusters, len(values))
    centres = values[rng.choice(len(values), n_clusters, replace=False)]
    own = np.full(len(values), -1)
    for _ in range(rounds):
        distance = (centres**2).sum(axis=1) - 2 * values @ centres.T
        nearest = np.argmin(distance, axis=1)
        if (nearest == own).all():
            break
        own = nearest
        counts = np.bincount(own, minlength=n_clusters)
        for k in range(values.shape[1]):
            sums = np.bincount(own, values[:, k], minlength=n_clusters)
            centres[:, k] = np.where(counts > 0, sums / np.maximum(counts, 1), centres[:, k])
    return np.asarray(centres[own])
