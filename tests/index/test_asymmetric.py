# SPDX-License-Identifier: Apache-2.0
"""search_asymmetric against a full sort of the twin's scores, at every level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_cases import (
    KINDS,
    best_scores,
    check,
    first,
    make_index,
    some_codes,
    some_vectors,
)

from hashrec_fast import _core

TESTS_AMX = True

BITS = (1, 8, 33, 64, 100, 128, 256, 512)
SIZES = (0, 1, 2, 31, 33, 63, 64, 65, 130, 257, 1000)


@pytest.mark.parametrize("n_bits", BITS)
def test_sizes(simd_level, n_bits, rng):
    for n in SIZES:
        codes = some_codes("random", n, n_bits, rng)
        vectors = some_vectors(n_bits, rng)
        index = make_index(codes, n_bits)
        expected = best_scores(codes, vectors, n_bits, n + 12)
        for k in (1, 10, n + 2):
            check(index.search_asymmetric(vectors, k), first(k, expected))


@pytest.mark.parametrize("n_bits", [1000, 4096])
def test_wide(simd_level, n_bits, rng):
    codes = some_codes("clustered", 400, n_bits, rng)
    vectors = some_vectors(n_bits, rng, n=35)
    expected = best_scores(codes, vectors, n_bits, 30)
    check(make_index(codes, n_bits).search_asymmetric(vectors, 30), expected)
    few = make_index(codes, n_bits).search_asymmetric(vectors[:3], 30)
    check(few, [part[:3] for part in expected])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_bits", [64, 128, 200])
def test_kinds_and_threads(simd_level, kind, n_bits, rng):
    codes = some_codes(kind, 3000, n_bits, rng)
    vectors = some_vectors(n_bits, rng, n=70)
    expected = best_scores(codes, vectors, n_bits, 3003)
    for num_threads in (1, 2, 3):
        index = make_index(codes, n_bits, num_threads)
        for k in (1, 10, 700, 3003):
            check(index.search_asymmetric(vectors, k), first(k, expected))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_bits", [16, 64])
def test_large(simd_level, kind, n_bits, rng):
    """Large enough for the sample, for several blocks and for parts of the database."""
    codes = some_codes(kind, 70_003, n_bits, rng)
    vectors = some_vectors(n_bits, rng)
    expected = best_scores(codes, vectors, n_bits, 1000)
    for num_threads in (1, 3):
        index = make_index(codes, n_bits, num_threads)
        for k in (1, 10, 100, 1000):
            check(index.search_asymmetric(vectors, k), first(k, expected))


def test_adverse_order(simd_level, rng):
    """Scores rise with the id, for the sample to help."""
    signs = np.arange(64)[None, :] < np.linspace(0, 64, 80_000)[:, None]
    codes = np.ascontiguousarray(np.packbits(signs, axis=1, bitorder="little")).view(np.uint64)
    vectors = np.abs(some_vectors(64, rng))
    expected = best_scores(codes, vectors, 64, 50)
    check(make_index(codes, 64).search_asymmetric(vectors, 50), expected)


def test_limit_that_is_too_tight(simd_level, rng):
    """The sampled rows are all good and the others bad: the guess fails and is repaired."""
    codes = np.zeros((64_000, 1), np.uint64)
    codes[::32] = 2**64 - 1  # the sample takes every 32nd row or a multiple of it
    vectors = np.abs(some_vectors(64, rng))
    near = np.arange(0, 64_000, 32)
    codes[near[100:], 0] &= np.uint64(2**64 - 256)
    expected = best_scores(codes, vectors, 64, 900)
    for k in (1, 50, 400, 900):
        check(make_index(codes, 64).search_asymmetric(vectors, k), first(k, expected))
    pair = (np.arange(len(vectors) + 1) * len(near), np.tile(near, len(vectors)))
    expected = best_scores(codes, vectors, 64, 300, exclude=[near] * len(vectors))
    check(make_index(codes, 64).search_asymmetric(vectors, 300, exclude=pair), expected)


@pytest.mark.parametrize("num_threads", [1, 2, 3])
def test_batch_does_not_matter(simd_level, num_threads, rng):
    codes = some_codes("clustered", 3000, 100, rng)
    vectors = some_vectors(100, rng, n=301)
    index = make_index(codes, 100, num_threads)
    whole = index.search_asymmetric(vectors, 20)
    check(whole, best_scores(codes, vectors, 100, 20))
    for step in (1, 7, 16, 40, 300):
        parts = [index.search_asymmetric(vectors[i : i + step], 20) for i in range(0, 301, step)]
        check([np.concatenate(part) for part in zip(*parts, strict=True)], whole)


@pytest.mark.parametrize("kind", ["random", "equal"])
@pytest.mark.parametrize("num_threads", [1, 3])
def test_exclude_and_allow(simd_level, kind, num_threads, rng):
    n, n_bits = 66_000, 40
    codes = some_codes(kind, n, n_bits, rng)
    vectors = some_vectors(n_bits, rng)
    index = make_index(codes, n_bits, num_threads)
    lists = [[] for _ in vectors]
    best = index.search_asymmetric(vectors, 40)[1]
    lists[1], lists[9], lists[12] = best[1], best[9, ::2], rng.permutation(n)[:5000]
    lists[13] = [0, n - 1]
    pair = (np.cumsum([0, *map(len, lists)]), np.concatenate(lists).astype(np.int64))
    expected = best_scores(codes, vectors, n_bits, 30, exclude=lists)
    check(index.search_asymmetric(vectors, 30, exclude=pair), expected)
    for share in (0.5, 0.01, 0.0001):
        mask = rng.random(n) < share
        both = best_scores(codes, vectors, n_bits, 30, exclude=lists, allow=np.flatnonzero(mask))
        check(index.search_asymmetric(vectors, 30, exclude=pair, allow=mask), both)


def test_own_ids(simd_level, rng):
    codes = some_codes("equal", 200, 20, rng)
    ids = rng.permutation(10**12 + np.arange(200))
    vectors = some_vectors(20, rng)
    found = make_index(codes, 20, ids=ids).search_asymmetric(vectors, 9)
    check(found, best_scores(codes, vectors, 20, 9, ids=ids))


def test_same_as_hamming(simd_level, rng):
    """With signs as queries the score is n_bits - 2 * distance, in the same order."""
    codes = some_codes("clustered", 2000, 77, rng)
    vectors = rng.choice([-1.0, 1.0], (30, 77))
    index = make_index(codes, 77)
    scores, ids = index.search_asymmetric(vectors, 50)
    distances, nearest = index.search(_core.pack_float64(vectors, "little"), 50)
    np.testing.assert_array_equal(ids, nearest)
    np.testing.assert_array_equal(scores, 77 - 2 * distances)


@given(
    n=st.integers(0, 300),
    n_bits=st.integers(1, 140),
    k=st.integers(1, 40),
    kind=st.sampled_from(KINDS),
    exponent=st.integers(-44, 38),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_any_shape(n, n_bits, k, kind, exponent, seed):
    rng = np.random.default_rng(seed)
    codes = some_codes(kind, n, n_bits, rng)
    vectors = rng.uniform(-1, 1, (70, n_bits)) * 10.0**exponent
    vectors *= rng.random((70, n_bits)) < rng.random((70, 1))  # some zeros
    vectors = vectors.astype(np.float32)
    check(
        make_index(codes, n_bits).search_asymmetric(vectors, k),
        best_scores(codes, vectors, n_bits, k),
    )


def test_errors(rng):
    index = make_index(some_codes("random", 50, 8, rng), 8)
    good = np.ones((2, 8), np.float32)
    for bad in (np.nan, np.inf, -np.inf, 1e39):
        vectors = good.astype(np.float64)
        vectors[1, 3] = bad
        with pytest.raises(ValueError, match="query_vectors must be finite float32"):
            index.search_asymmetric(vectors, 3)
    for shape in ((2, 7), (8,), (2, 8, 1)):
        with pytest.raises(ValueError, match=r"query_vectors must have shape \(\*, 8\), got"):
            index.search_asymmetric(np.ones(shape), 3)
    for wrong in (good.astype(complex), np.array([["a"] * 8]), good > 0):
        with pytest.raises(TypeError, match="must be real numbers"):
            index.search_asymmetric(wrong, 3)
    with pytest.raises(ValueError, match="k must be at least 1"):
        index.search_asymmetric(good, 0)
    with pytest.raises(TypeError, match="k must be an integer"):
        index.search_asymmetric(good, 1.5)
    with pytest.raises(ValueError, match="3 entries, got 2"):
        index.search_asymmetric(good, 1, exclude=([0, 1], [0]))
    with pytest.raises(ValueError, match="id 50"):
        index.search_asymmetric(good, 1, allow=[50])
    scores, ids = index.search_asymmetric(good, 2, allow=[])
    assert (scores == -np.inf).all()
    assert (ids == -1).all()
    assert index.search_asymmetric(np.zeros((0, 8)), 2)[0].shape == (0, 2)
