# SPDX-License-Identifier: Apache-2.0
"""Answers of LinearScan against a full sort, at every level, size, width and thread count."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrec_fast.retrieval import LinearScan
from hashrec_fast.testing import reference_search as reference

SIZES = (0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 97, 1000)
BITS = (1, 8, 33, 64, 65, 100, 128, 192, 256, 512, 1000)
KINDS = ("random", "clustered", "sorted", "equal", "adverse")


def make_index(codes, n_bits, num_threads=1, ids=None):
    index = LinearScan(n_bits=n_bits, num_threads=num_threads)
    index.add(codes, ids)
    return index


def check(found, expected):
    for got, wanted, dtype in zip(found, expected, (np.int32, np.int64), strict=True):
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, wanted)


def some_queries(codes, n_bits, rng, n=5):
    """Zero, random codes and codes of the database."""
    queries = [np.zeros((1, -(-n_bits // 64)), np.uint64)]
    queries.append(reference.codes_of_kind("random", n // 2, n_bits, rng))
    if len(codes):
        queries.append(codes[rng.integers(0, len(codes), n - n // 2 - 1)])
    return np.concatenate(queries)


@pytest.mark.parametrize("n_bits", BITS)
def test_sizes(simd_level, n_bits, rng):
    for n in SIZES:
        codes = reference.codes_of_kind("random", n, n_bits, rng)
        queries = some_queries(codes, n_bits, rng)
        index = make_index(codes, n_bits)
        for k in (1, 10, 100):
            check(index.search(queries, k), reference.search(codes, queries, k))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_bits", [64, 128, 200])
def test_kinds_and_threads(simd_level, kind, n_bits, rng):
    codes = reference.codes_of_kind(kind, 1000, n_bits, rng)
    queries = some_queries(codes, n_bits, rng, n=9)
    for k in (1, 10, 1000, 1003):
        expected = reference.search(codes, queries, k)
        for num_threads in (1, 2, 3):
            check(make_index(codes, n_bits, num_threads).search(queries, k), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_large(simd_level, kind, rng):
    """Large enough for the sample, for several blocks and for parts of the database."""
    codes = reference.codes_of_kind(kind, 100_003, 64, rng)
    queries = some_queries(codes, 64, rng)
    distances, ids = reference.search(codes, queries, 1000)
    for num_threads in (1, 2, 3):
        index = make_index(codes, 64, num_threads)
        for k in (1, 10, 100, 1000):
            check(index.search(queries, k), (distances[:, :k], ids[:, :k]))


@pytest.mark.parametrize("n_bits", [128, 192, 256, 512])
def test_large_and_wide(simd_level, n_bits, rng):
    codes = reference.codes_of_kind("clustered", 20_003, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    for k in (10, 500):
        expected = reference.search(codes, queries, k)
        check(make_index(codes, n_bits).search(queries, k), expected)


def test_k_beyond_everything(simd_level, rng):
    codes = reference.codes_of_kind("random", 70_001, 16, rng)  # few distinct distances
    queries = some_queries(codes, 16, rng, n=3)
    for k in (70_001, 70_005):
        check(make_index(codes, 16, 2).search(queries, k), reference.search(codes, queries, k))


@pytest.mark.parametrize("num_threads", [1, 2, 3])
def test_batch_does_not_matter(simd_level, num_threads, rng):
    codes = reference.codes_of_kind("clustered", 5000, 128, rng)
    queries = reference.codes_of_kind("random", 301, 128, rng)
    index = make_index(codes, 128, num_threads)
    whole = index.search(queries, 20)
    check(whole, reference.search(codes, queries, 20))
    for step in (1, 3, 4, 5, 300):
        parts = [index.search(queries[i : i + step], 20) for i in range(0, 301, step)]
        check([np.concatenate(part) for part in zip(*parts, strict=True)], whole)


def test_start_threshold_that_is_too_small(simd_level, rng):
    """The sampled rows are all near and the others far: the guess fails and is repaired."""
    codes = np.full((64_000, 1), 2**64 - 1, np.uint64)
    codes[::32] = 0  # the sample takes every 32nd row or a multiple of it
    codes[np.arange(0, 64_000, 32)[100:]] |= np.uint64(0xFF)
    queries = np.zeros((5, 1), np.uint64)
    for k in (1, 50, 400, 900):
        check(make_index(codes, 64).search(queries, k), reference.search(codes, queries, k))
    near = np.arange(0, 64_000, 32)
    pair = (np.arange(6) * len(near), np.tile(near, 5))  # now without all the near ones
    found = make_index(codes, 64).search(queries, 300, exclude=pair)
    check(found, reference.search(codes, queries, 300, exclude=[near] * 5))


@pytest.mark.parametrize("kind", ["random", "clustered", "equal"])
@pytest.mark.parametrize("num_threads", [1, 3])
def test_exclude_and_allow(simd_level, kind, num_threads, rng):
    n, n_bits = 70_000, 100
    codes = reference.codes_of_kind(kind, n, n_bits, rng)
    queries = some_queries(codes, n_bits, rng, n=6)
    index = make_index(codes, n_bits, num_threads)
    nearest = index.search(queries, 40)[1]
    lists = [nearest[0], nearest[1, ::2], [], rng.permutation(n)[:5000], nearest[4], [0, n - 1]]
    pair = (np.cumsum([0, *map(len, lists)]), np.concatenate(lists).astype(np.int64))
    expected = reference.search(codes, queries, 30, exclude=lists)
    check(index.search(queries, 30, exclude=pair), expected)
    data = np.ones(len(pair[1]), np.float32)
    for kind_of_csr in (sp.csr_matrix, sp.csr_array):
        matrix = kind_of_csr((data, pair[1], pair[0]), shape=(6, n))
        check(index.search(queries, 30, exclude=matrix), expected)
    for share in (0.5, 0.01, 0.0001):
        mask = rng.random(n) < share
        allowed = np.flatnonzero(mask)
        both = reference.search(codes, queries, 30, exclude=lists, allow=allowed)
        check(index.search(queries, 30, exclude=pair, allow=mask), both)
        check(index.search(queries, 30, exclude=pair, allow=rng.permutation(allowed)), both)


def test_nothing_left(rng):
    codes = reference.codes_of_kind("random", 50, 64, rng)
    index = make_index(codes, 64)
    everything = (np.array([0, 50]), np.arange(50))
    for filters in ({"exclude": everything}, {"allow": []}, {"allow": np.zeros(50, bool)}):
        distances, ids = index.search(codes[:1], 3, **filters)
        assert (distances == -1).all()
        assert (ids == -1).all()


@pytest.mark.parametrize("n_bits", [8, 64, 130])
def test_ranges(simd_level, n_bits, rng):
    codes = reference.codes_of_kind("clustered", 3000, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    for num_threads in (1, 2):
        index = make_index(codes, n_bits, num_threads)
        for distance in (0, 1, 4, n_bits // 2, n_bits, n_bits + 7, 2**62):
            expected = reference.within(codes, queries, distance)
            for found in (
                index.within(queries, distance),
                index.range_search(queries, distance + 1),
            ):
                for got, wanted in zip(found, expected, strict=True):
                    assert got.dtype == wanted.dtype
                    np.testing.assert_array_equal(got, wanted)
        assert index.range_search(queries, 0)[0].tolist() == [0] * (len(queries) + 1)


def test_range_over_parts(simd_level, rng):
    codes = reference.codes_of_kind("random", 100_003, 64, rng)
    queries = some_queries(codes, 64, rng, n=3)
    found = make_index(codes, 64, 3).within(queries, 24)
    for got, wanted in zip(found, reference.within(codes, queries, 24), strict=True):
        np.testing.assert_array_equal(got, wanted)


@given(
    n=st.integers(0, 300),
    n_bits=st.integers(1, 140),
    k=st.integers(1, 40),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_any_shape(n, n_bits, k, kind, seed):
    rng = np.random.default_rng(seed)
    codes = reference.codes_of_kind(kind, n, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    ids = np.sort(rng.choice(1000, n, replace=False))
    order = rng.permutation(n)
    index = make_index(codes[order], n_bits, ids=ids[order])
    expected = reference.search(codes, queries, k, ids=ids)
    check(index.search(queries, k), expected)
