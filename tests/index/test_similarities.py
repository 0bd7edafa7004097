# SPDX-License-Identifier: Apache-2.0
"""Weighted, projected and biased Hamming search against full sorts."""

import numpy as np
import pytest
from score_cases import (
    KINDS,
    LARGEST,
    check,
    first,
    make_index,
    matrix_of,
    remembered,
    some_codes,
    some_vectors,
)

from hashrec_fast.testing import reference_scores as reference

TESTS_AMX = True


@remembered
def best_weighted(codes, queries, weights, n_bits, k, **filters):
    weights = np.broadcast_to(np.asarray(weights, np.float32), (len(queries), n_bits))
    rows = [
        reference.weighted_distances(codes, q, w, n_bits)
        for q, w in zip(queries, weights, strict=True)
    ]
    values = np.array(rows, np.float32).reshape(len(queries), len(codes))
    return reference.best(values, k, largest=False, missing=np.inf, **filters)


@remembered
def best_projected(codes, queries, k, **filters):
    values = matrix_of(lambda q: reference.projected_distances(codes, q), queries, len(codes))
    return reference.best(values.astype(np.int32), k, largest=False, missing=-1, **filters)


@remembered
def best_biased(codes, queries, bias, n_bits, k, **filters):
    values = matrix_of(
        lambda q: reference.biased_scores(codes, q, bias, n_bits), queries, len(codes)
    )
    return reference.best(values.astype(np.float32), k, largest=True, missing=-np.inf, **filters)


def some_bias(kind, n, rng):
    if kind == "none":
        return np.zeros(n, np.float32)
    scale = {"small": 1.0, "large": 100.0, "huge": 1e30, "tiny": 1e-30}[kind]
    bias = (rng.standard_normal(n) * scale).astype(np.float32)
    bias[: n // 50] = LARGEST if kind == "huge" else 0
    return bias


@pytest.mark.parametrize("n_bits", [1, 8, 33, 64, 100, 128, 256, 512])
def test_all(simd_level, n_bits, rng):
    for n in (0, 1, 65, 700):
        codes = some_codes("clustered", n, n_bits, rng)
        queries = some_codes("random", 66, n_bits, rng)
        weights = np.abs(some_vectors(n_bits, rng))
        bias = some_bias("small", n, rng)
        index = make_index(codes, n_bits)
        projected = best_projected(codes, queries, n + 12)
        biased = best_biased(codes, queries, bias, n_bits, n + 12)
        for w in (weights, weights[11], np.ones(n_bits)):
            expected = best_weighted(codes, queries, w, n_bits, n + 12)
            for k in (1, 10, n + 2):
                check(index.search_weighted(queries, k, w), first(k, expected))
        for k in (1, 10, n + 2):
            check(index.search_projected(queries, k), first(k, projected))
            check(index.search_biased(queries, k, bias), first(k, biased))


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_and_threads(simd_level, kind, rng):
    n, n_bits = 70_003, 64
    codes = some_codes(kind, n, n_bits, rng)
    queries = np.concatenate([some_codes("random", 64, n_bits, rng), codes[:2]])
    weights = np.abs(some_vectors(n_bits, rng, n=66))
    bias = some_bias("small", n, rng)
    weighted = best_weighted(codes, queries, weights, n_bits, 600)
    projected = best_projected(codes, queries, 600)
    biased = best_biased(codes, queries, bias, n_bits, 600)
    for num_threads in (1, 2, 3):
        index = make_index(codes, n_bits, num_threads)
        for k in (10, 600):
            check(index.search_weighted(queries, k, weights), first(k, weighted))
            check(index.search_projected(queries, k), first(k, projected))
            check(index.search_biased(queries, k, bias), first(k, biased))


@pytest.mark.parametrize("kind", ["none", "large", "huge", "tiny"])
def test_biases(simd_level, kind, rng):
    codes = some_codes("random", 5000, 70, rng)
    queries = some_codes("random", 5, 70, rng)
    bias = some_bias(kind, 5000, rng)
    expected = best_biased(codes, queries, bias, 70, 5001)
    for k in (1, 100, 5001):
        check(make_index(codes, 70).search_biased(queries, k, bias), first(k, expected))


def test_score_that_is_zero(simd_level, rng):
    """Scores of plus and minus zero are one value; limits around it are exact."""
    codes = np.zeros((9000, 1), np.uint64)
    codes[::3] = 2**32 - 1  # score 0 with an empty query
    codes[1::3] = 2**33 - 1
    bias = np.where(np.arange(9000) % 2, 0.0, -0.0).astype(np.float32)
    queries = np.zeros((3, 1), np.uint64)
    allowed = np.flatnonzero(np.arange(9000) % 3 != 2)
    for k in (5, 128, 2999, 3000, 3001):
        expected = best_biased(codes, queries, bias, 64, k, allow=allowed)
        found = make_index(codes, 64).search_biased(queries, k, bias, allow=allowed)
        check(found, expected)


@pytest.mark.parametrize("share", [None, 0.5, 0.01])
def test_filters(simd_level, share, rng):
    n = 3000
    codes = some_codes("clustered", n, 64, rng)
    queries = codes[:16].copy()
    weights = np.abs(rng.standard_normal(64))
    bias = some_bias("small", n, rng)
    lists = [rng.permutation(n)[: 30 * q] for q in range(16)]
    filters = {"exclude": (np.cumsum([0, *map(len, lists)]), np.concatenate(lists))}
    expected = {"exclude": lists}
    if share is not None:
        filters["allow"] = np.flatnonzero(rng.random(n) < share)
        expected["allow"] = filters["allow"]
    ids = np.arange(n)
    index = make_index(codes, 64)
    found = index.search_weighted(queries, 40, weights, **filters)
    check(found, best_weighted(codes, queries, weights, 64, 40, ids=ids, **expected))
    found = index.search_projected(queries, 40, **filters)
    check(found, best_projected(codes, queries, 40, **expected))
    found = index.search_biased(queries, 40, bias, **filters)
    check(found, best_biased(codes, queries, bias, 64, 40, **expected))


def test_errors(rng):
    index = make_index(some_codes("random", 50, 8, rng), 8)
    queries = some_codes("random", 2, 8, rng)
    weights = np.ones(8)
    for bad, words in ((-1e-9, ">= 0"), (np.nan, "finite"), (np.inf, "finite"), (1e39, "finite")):
        wrong = weights.copy()
        wrong[3] = bad
        with pytest.raises(ValueError, match=f"weights must be .*{words}"):
            index.search_weighted(queries, 3, wrong)
    with pytest.raises(ValueError, match=r"weights must have shape \(8,\), got \(7,\)"):
        index.search_weighted(queries, 3, np.ones(7))
    with pytest.raises(ValueError, match=r"weights must have shape \(2, 8\), got \(3, 8\)"):
        index.search_weighted(queries, 3, np.ones((3, 8)))
    with pytest.raises(TypeError, match="weights must be real numbers"):
        index.search_weighted(queries, 3, ["a"] * 8)
    with pytest.raises(ValueError, match=r"item_bias must have shape \(50,\), got \(49,\)"):
        index.search_biased(queries, 3, np.zeros(49))
    with pytest.raises(ValueError, match="item_bias must be finite"):
        index.search_biased(queries, 3, np.full(50, np.nan))
    searches = (
        lambda q, k, **f: index.search_weighted(q, k, weights, **f),
        lambda q, k, **f: index.search_biased(q, k, np.zeros(50), **f),
        index.search_projected,
    )
    for search in searches:
        with pytest.raises(ValueError, match="beyond n_bits=8"):
            search(np.full((2, 1), 256, np.uint64), 3)
        with pytest.raises(TypeError, match="numpy array"):
            search([[1]], 3)
        with pytest.raises(ValueError, match="k must be at least 1"):
            search(queries, 0)
        with pytest.raises(ValueError, match="id 50"):
            search(queries, 1, allow=[50])
        values, ids = search(queries, 2, allow=[])
        assert (ids == -1).all()
        assert len(set(values.ravel().tolist())) == 1
