# SPDX-License-Identifier: Apache-2.0
"""Numpy twins of the searches with real scores and of re-ranking; naive on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint64]
Found = tuple[NDArray[np.generic], NDArray[np.int64]]


def bits_of(codes: Codes, n_bits: int) -> NDArray[np.bool_]:
    """Bits (n, n_bits) of packed codes."""
    bits = np.unpackbits(codes.view(np.uint8), axis=1, bitorder="little", count=n_bits)
    return bits.astype(np.bool_)


def ordered_sum(terms: NDArray[np.float64]) -> NDArray[np.float32]:
    """Sums of the rows of ``terms`` as the package defines them.

    Four neighbours as ``(t0 + t1) + (t2 + t3)``, these one after the other, all in float64; then
    rounded to float32, where values beyond the range become the largest finite one.
    """
    padded = np.zeros((len(terms), -(-terms.shape[1] // 4) * 4))
    padded[:, : terms.shape[1]] = terms
    t = padded.reshape(len(terms), padded.shape[1] // 4, 4)
    fours = (t[:, :, 0] + t[:, :, 1]) + (t[:, :, 2] + t[:, :, 3])
    total = np.add.accumulate(fours, axis=1)[:, -1]
    largest = np.finfo(np.float32).max
    return np.clip(total, -largest, largest).astype(np.float32) + np.float32(0)  # -0 becomes 0


def asymmetric_scores(codes: Codes, query: NDArray[np.float32], n_bits: int) -> NDArray[np.float32]:
    """Scores of all codes: the sum of ``query`` where the bit is 1 minus that where it is 0."""
    values = query.astype(np.float64)
    return ordered_sum(np.where(bits_of(codes, n_bits), values, -values))


def weighted_distances(
    codes: Codes, query: Codes, weights: NDArray[np.float32], n_bits: int
) -> NDArray[np.float32]:
    """Distances of all codes to one code: the sum of the weights of differing bits."""
    differs = bits_of(codes, n_bits) != bits_of(query[None, :], n_bits)
    return ordered_sum(np.where(differs, weights.astype(np.float64), 0.0))


def projected_distances(codes: Codes, query: Codes) -> NDArray[np.int32]:
    """Number of bits set in the query and not in the code, for all codes."""
    counts: NDArray[np.int32] = np.bitwise_count(query & ~codes).sum(axis=1).astype(np.int32)
    return counts


def biased_scores(
    codes: Codes, query: Codes, item_bias: NDArray[np.float32], n_bits: int
) -> NDArray[np.float32]:
    """Scores ``n_bits - 2 * distance`` of all codes, plus the bias in one float32 addition."""
    distances = np.bitwise_count(query ^ codes).sum(axis=1).astype(np.int64)
    scores: NDArray[np.float32] = (n_bits - 2 * distances).astype(np.float32) + item_bias
    return scores + np.float32(0)


def scaled_scores(
    codes: Codes,
    query: Codes,
    query_scale: NDArray[np.float32],
    item_scales: NDArray[np.float32],
    blocks: Sequence[int],
    item_bias: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Sums over layers of ``u * i * (bits - 2 * distance)`` in float64, plus the bias."""
    n_bits = sum(blocks)
    differs = bits_of(codes, n_bits) != bits_of(query[None, :], n_bits)
    total, begin = np.zeros(len(codes)), 0
    for layer, bits in enumerate(blocks):
        distance = differs[:, begin : begin + bits].sum(axis=1)
        scale = float(query_scale[layer]) * item_scales[:, layer].astype(np.float64)  # exact
        total += scale * (bits - 2 * distance)
        begin += bits
    if item_bias is not None:
        total += item_bias.astype(np.float64)
    largest = np.finfo(np.float32).max
    return np.clip(total, -largest, largest).astype(np.float32) + np.float32(0)


def best(
    values: NDArray[np.generic],
    k: int,
    *,
    largest: bool,
    missing: float,
    ids: NDArray[np.int64] | None = None,
    exclude: Iterable[Iterable[int]] | None = None,
    allow: Iterable[int] | None = None,
) -> Found:
    """The k best of every row of ``values`` (n_queries, n) by a full sort on (value, id)."""
    ids = np.arange(values.shape[1]) if ids is None else np.asarray(ids)
    lists = [list(one) for one in exclude] if exclude is not None else [[]] * len(values)
    allowed = np.full(len(ids), True) if allow is None else np.isin(ids, list(allow))
    found_values = np.full((len(values), k), missing, dtype=values.dtype)
    found = np.full((len(values), k), -1, dtype=np.int64)
    for q, row in enumerate(values):
        rows = np.flatnonzero(allowed & ~np.isin(ids, lists[q]) if lists[q] else allowed)
        rows = rows[np.argsort(ids[rows])]
        order = rows[np.argsort(-row[rows] if largest else row[rows], kind="stable")][:k]
        found_values[q, : len(order)] = row[order]
        found[q, : len(order)] = ids[order]
    return found_values, found


def inner_product(user: NDArray[np.generic], item: NDArray[np.generic]) -> float:
    """The inner product in float64: term i goes to sum i % 8; the sums are folded by halves."""
    products = user.astype(np.float64) * item.astype(np.float64)
    sums = [0.0] * 8
    for i, product in enumerate(products.tolist()):
        sums[i % 8] += product
    a, b, c, d, e, f, g, h = sums
    return ((a + e) + (c + g)) + ((b + f) + (d + h))


def rerank(
    user_vectors: NDArray[np.generic],
    item_vectors: NDArray[np.generic],
    ids: NDArray[np.int64],
    k: int,
    *,
    user_scales: NDArray[np.float32] | None = None,
    item_scales: NDArray[np.float32] | None = None,
) -> Found:
    """The k best distinct candidates of every user by (score falling, id rising)."""
    largest = float(np.finfo(np.float32).max)
    scores = np.full((len(ids), k), -np.inf, dtype=np.float32)
    found = np.full((len(ids), k), -1, dtype=np.int64)
    for q, row in enumerate(ids):
        pairs = []
        for i in {int(i) for i in row if i >= 0}:
            score = inner_product(user_vectors[q], item_vectors[i])
            if item_vectors.dtype == np.int8:
                first = 1.0 if user_scales is None else float(user_scales[q])
                second = 1.0 if item_scales is None else float(item_scales[i])
                score *= first * second
            pairs.append((-float(np.float32(min(max(score, -largest), largest))), i))
        for place, (negative, i) in enumerate(sorted(pairs)[:k]):
            scores[q, place] = -negative + 0.0
            found[q, place] = i
    return scores, found
