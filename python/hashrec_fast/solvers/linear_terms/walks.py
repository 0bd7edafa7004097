# SPDX-License-Identifier: Apache-2.0
"""Pairs of users that meet on random walks over their links, and of users that do not."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


def walk(
    links: sp.csr_matrix, starts: NDArray[np.int64], length: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Random walks by equal choice among links, int64 (n_starts, length), -1 after a dead end."""
    degree = np.diff(links.indptr)
    path = np.full((len(starts), length), -1, dtype=np.int64)
    path[:, 0] = starts
    for step in range(1, length):
        here = path[:, step - 1]
        alive = np.flatnonzero((here >= 0) & (degree[here] > 0))
        chosen = (rng.random(len(alive)) * degree[here[alive]]).astype(np.int64)
        path[alive, step] = links.indices[links.indptr[here[alive]] + chosen]
    return path


def meetings(
    links: sp.csr_matrix, *, walks: int, length: int, window: int, rng: np.random.Generator
) -> sp.csr_matrix:
    """Numbers of meetings within ``window`` steps, float64 (n_users, n_users), none with oneself.

    Links are walked in both directions; every linked user starts ``walks`` walks.
    """
    both = sp.csr_matrix(links + links.T)
    starts = np.flatnonzero(np.diff(both.indptr))
    total = sp.csr_matrix(links.shape)
    for _ in range(walks):
        path = walk(both, starts, length, rng)
        for gap in range(1, min(window, length - 1) + 1):
            a, b = path[:, :-gap].ravel(), path[:, gap:].ravel()
            met = (a >= 0) & (b >= 0) & (a != b)
            pairs = (np.concatenate([a[met], b[met]]), np.concatenate([b[met], a[met]]))
            total = total + sp.csr_matrix((np.ones(len(pairs[0])), pairs), shape=links.shape)
    return total


def strangers(met: sp.csr_matrix, times: float, rng: np.random.Generator) -> sp.csr_matrix:
    """Negatives: ``times`` draws per meeting, by (meetings of the other user) ** 0.75.

    Draws that hit a user met, or the user, are lost.
    """
    n = met.shape[0]
    weight = np.asarray(met.sum(axis=0)).ravel() ** 0.75
    if weight.sum() == 0:
        return sp.csr_matrix(met.shape)
    wanted = np.rint(times * np.asarray(met.sum(axis=1)).ravel()).astype(np.int64)
    rows = np.repeat(np.arange(n), wanted)
    drawn = rng.choice(n, size=len(rows), p=weight / weight.sum())
    away = rows != drawn
    counts = sp.csr_matrix((np.ones(away.sum()), (rows[away], drawn[away])), shape=met.shape)
    known = sp.csr_matrix(counts.multiply(met > 0))
    counts = sp.csr_matrix(counts - known)
    counts.eliminate_zeros()
    return counts
