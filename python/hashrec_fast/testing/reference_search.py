# SPDX-License-Identifier: Apache-2.0
"""Numpy twins of packing, Hamming distances and exact search; naive on purpose."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint64]


def pack(signs: NDArray[np.generic], bitorder: str = "little") -> Codes:
    """Codes of bool signs (n, n_bits)."""
    n, n_bits = signs.shape
    words = np.zeros((n, -(-n_bits // 64) * 8), dtype=np.uint8)
    flags = signs.astype(np.bool_)
    packed = np.packbits(flags, axis=1, bitorder="big" if bitorder == "big" else "little")
    words[:, : packed.shape[1]] = packed
    return words.view(np.uint64)


def hamming_matrix(a: Codes, b: Codes) -> NDArray[np.int64]:
    """Distances int64 (n, m), one row of ``a`` at a time."""
    rows = [np.bitwise_count(row ^ b).sum(axis=1, dtype=np.int64) for row in a]
    return np.array(rows, dtype=np.int64).reshape(len(a), len(b))


def search(
    codes: Codes,
    queries: Codes,
    k: int,
    *,
    ids: NDArray[np.int64] | None = None,
    exclude: Iterable[Iterable[int]] | None = None,
    allow: Iterable[int] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The k nearest by a full sort on (distance, id); ``exclude`` lists ids per query."""
    ids = np.arange(len(codes)) if ids is None else np.asarray(ids)
    excluded = [set(one) for one in exclude] if exclude is not None else [set()] * len(queries)
    allowed = set(ids.tolist()) if allow is None else set(allow)
    distances = np.full((len(queries), k), -1, dtype=np.int32)
    found = np.full((len(queries), k), -1, dtype=np.int64)
    for q, row in enumerate(hamming_matrix(queries, codes)):
        order = np.lexsort((ids, row))
        keep = np.isin(ids[order], list(allowed - excluded[q]))
        best = order[keep][:k]
        distances[q, : len(best)] = row[best]
        found[q, : len(best)] = ids[best]
    return distances, found


def within(
    codes: Codes, queries: Codes, max_distance: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """All rows at distance <= max_distance, as (lims, distances, ids)."""
    lims, distances, ids = [0], [], []
    for row in hamming_matrix(queries, codes):
        best = np.argsort(row, kind="stable")
        best = best[row[best] <= max_distance]
        distances.append(row[best])
        ids.append(best)
        lims.append(lims[-1] + len(best))
    return (
        np.array(lims, dtype=np.int64),
        np.concatenate([*distances, []]).astype(np.int32),
        np.concatenate([*ids, []]).astype(np.int64),
    )


def codes_of_kind(kind: str, n: int, n_bits: int, rng: np.random.Generator) -> Codes:
    """Codes that stress selection in different ways.

    ``random``, ``clustered`` (few centres, three flips), ``sorted`` (the same, by centre),
    ``equal`` (all alike) and ``adverse`` (later rows have fewer bits, so they come ever nearer to
    the zero query).
    """
    if kind == "random":
        signs = rng.random((n, n_bits)) < 0.5
    elif kind in {"clustered", "sorted"}:
        centres = rng.random((10, n_bits)) < 0.5
        choice = rng.integers(0, 10, n)
        signs = centres[np.sort(choice) if kind == "sorted" else choice]
        flips = rng.integers(0, n_bits, (n, 3))
        signs[np.arange(n)[:, None], flips] ^= True
    elif kind == "equal":
        signs = np.repeat(rng.random((1, n_bits)) < 0.5, n, axis=0)
    elif kind == "adverse":
        signs = np.arange(n_bits)[None, :] < np.linspace(n_bits, 0, n)[:, None]
    else:
        raise ValueError(f"unknown kind {kind!r}")
    return pack(signs)
