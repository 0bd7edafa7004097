# SPDX-License-Identifier: Apache-2.0
"""Numpy twin of hash table lookup; naive on purpose."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.testing.reference_search import Codes, hamming_matrix


def key_distances(
    codes: Codes, queries: Codes, n_bits: int, key_bits: int, key: str
) -> NDArray[np.int64]:
    """Distances of keys, int64 (n_queries, n)."""
    key_bits = min(key_bits, n_bits)
    places = np.arange(key_bits)
    if key == "spread":
        places = places * n_bits // key_bits
    bits = [
        np.unpackbits(array.view(np.uint8), axis=1, bitorder="little")[:, places].astype(np.int64)
        for array in (queries, codes)
    ]
    distances: NDArray[np.int64] = np.abs(bits[0][:, None] - bits[1][None]).sum(axis=2)
    return distances


def lookup(
    codes: Codes,
    queries: Codes,
    n_bits: int,
    k: int,
    key_bits: int,
    max_radius: int,
    n_candidates: int = 0,
    *,
    key: str = "first",
    exclude: Iterable[Iterable[int]] | None = None,
    allow: Iterable[int] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Distances, ids, number of candidates and last radius of each query."""
    rows = np.arange(len(codes))
    excluded = [set(one) for one in exclude] if exclude is not None else [set()] * len(queries)
    allowed = set(rows.tolist()) if allow is None else set(allow)
    distances = np.full((len(queries), k), -1, dtype=np.int32)
    found = np.full((len(queries), k), -1, dtype=np.int64)
    counts = np.zeros((2, len(queries)), dtype=np.int64)
    full = hamming_matrix(queries, codes)
    keys = key_distances(codes, queries, n_bits, key_bits, key)
    last = min(max_radius, key_bits, n_bits)
    for q in range(len(queries)):
        free = np.isin(rows, list(allowed - excluded[q]))
        for radius in range(last + 1):
            seen = np.flatnonzero(free & (keys[q] <= radius))
            if len(seen) >= max(k, n_candidates):
                break
        best = seen[np.argsort(full[q, seen], kind="stable")][:k]
        distances[q, : len(best)] = full[q, best]
        found[q, : len(best)] = best
        counts[:, q] = len(seen), radius
    return distances, found, counts[0], counts[1]


def lookup_within(
    codes: Codes,
    queries: Codes,
    n_bits: int,
    max_distance: int,
    key_bits: int,
    max_radius: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Rows at distance <= max_distance with keys within max_radius, as (lims, distances, ids)."""
    full = hamming_matrix(queries, codes)
    keys = key_distances(codes, queries, n_bits, key_bits, "first")
    lims, distances, ids = [0], [], []
    for row, key_row in zip(full, keys, strict=True):
        best = np.argsort(row, kind="stable")
        best = best[(row[best] <= max_distance) & (key_row[best] <= max_radius)]
        distances.append(row[best])
        ids.append(best)
        lims.append(lims[-1] + len(best))
    return (
        np.array(lims, dtype=np.int64),
        np.concatenate([*distances, []]).astype(np.int32),
        np.concatenate([*ids, []]).astype(np.int64),
    )
