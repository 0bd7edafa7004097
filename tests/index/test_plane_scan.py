# SPDX-License-Identifier: Apache-2.0
"""Batches so large that the bit-sliced scan takes over, against a full sort."""

import numpy as np
import pytest

from hashrec_fast.retrieval import LinearScan
from hashrec_fast.testing import reference_search as reference

N_QUERIES = 70  # beyond the crossing of every level
SIZES = (63, 64, 255, 256, 257, 511, 512, 513, 1100, 2048, 2500)
BITS = (1, 33, 64, 65, 128, 130, 192, 256, 300, 512, 1000)
KINDS = ("random", "clustered", "sorted", "equal", "adverse")


def scan(codes, n_bits, num_threads=1):
    index = LinearScan(n_bits=n_bits, num_threads=num_threads)
    index.add(codes)
    return index


def nearest(codes, queries, k, exclude=None, allow=None):
    """The reference, quick enough for many queries: keys distance * n + row, sorted."""
    keys = reference.hamming_matrix(queries, codes) * len(codes) + np.arange(len(codes))
    never = np.iinfo(np.int64).max
    for q, rows in enumerate(exclude or []):
        keys[q, rows] = never
    if allow is not None:
        keys[:, ~allow] = never
    keys = np.sort(keys, axis=1)[:, :k]
    keys = np.pad(keys, ((0, 0), (0, k - keys.shape[1])), constant_values=never)
    there = keys != never
    distances = np.where(there, keys // len(codes), -1).astype(np.int32)
    return distances, np.where(there, keys % len(codes), -1)


def check(found, expected):
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def some_queries(codes, n_bits, rng, n=N_QUERIES):
    """Zero, codes of the database and random ones."""
    random = reference.codes_of_kind("random", n - n // 2, n_bits, rng)
    return np.concatenate([np.zeros_like(random[:1]), random[1:], codes[: n // 2]])


@pytest.mark.parametrize("n_bits", BITS)
def test_sizes(simd_level, n_bits, rng):
    for n in SIZES:
        codes = reference.codes_of_kind("random", n, n_bits, rng)
        queries = some_queries(codes, n_bits, rng)
        for k in (1, 20):
            check(scan(codes, n_bits).search(queries, k), nearest(codes, queries, k))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_bits", [64, 128, 200, 256, 512])
def test_kinds(simd_level, kind, n_bits, rng):
    codes = reference.codes_of_kind(kind, 5000, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    for k in (1, 130, 700, 5000, 5003):
        expected = nearest(codes, queries, k)
        for num_threads in (1, 2):
            check(scan(codes, n_bits, num_threads).search(queries, k), expected)


@pytest.mark.parametrize("n_bits", [64, 300])
def test_exclude_and_allow(simd_level, n_bits, rng):
    n = 3000
    codes = reference.codes_of_kind("clustered", n, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    near = nearest(codes, queries, 200)[1]
    lists = [np.sort(rows[rng.random(200) < 0.5]) for rows in near]
    lists[3], lists[5] = np.arange(0), np.arange(n)
    pair = (np.cumsum([0, *map(len, lists)]), np.concatenate(lists))
    index = scan(codes, n_bits)
    check(index.search(queries, 50, exclude=pair), nearest(codes, queries, 50, lists))
    for share in (0.9, 0.3):
        mask = rng.random(n) < share
        expected = nearest(codes, queries, 50, lists, mask)
        check(index.search(queries, 50, exclude=pair, allow=mask), expected)


@pytest.mark.parametrize("n_queries", [1, 5, 15, 16, 24, 47, 48, 49, 64, 300])
def test_batch_size_changes_nothing(simd_level, n_queries, rng):
    codes = reference.codes_of_kind("clustered", 9000, 64, rng)
    queries = some_queries(codes, 64, rng, n=300)
    expected = nearest(codes, queries, 1200)  # so many keys that a batch is cut in two
    found = scan(codes, 64).search(queries[:n_queries], 1200)
    check(found, (expected[0][:n_queries], expected[1][:n_queries]))


@pytest.mark.parametrize("kind", ["random", "adverse"])
def test_parts_of_the_database(simd_level, kind, rng):
    codes = reference.codes_of_kind(kind, 100_100, 64, rng)
    queries = some_queries(codes, 64, rng, n=60)
    expected = nearest(codes, queries, 100)
    for num_threads in (1, 2, 3):
        check(scan(codes, 64, num_threads).search(queries, 100), expected)


def test_wrong_guess_is_repaired(simd_level):
    """A strided sample that looks nearer than the rest: the guess fails, the answer does not."""
    codes = np.full((64_000, 1), 2**64 - 1, np.uint64)
    codes[::256] = 0
    queries = np.zeros((N_QUERIES, 1), np.uint64)
    check(scan(codes, 64).search(queries, 400), nearest(codes, queries, 400))


def test_within(simd_level, rng):
    codes = reference.codes_of_kind("clustered", 3000, 100, rng)
    queries = some_queries(codes, 100, rng)
    for distance in (0, 20, 100):
        found = scan(codes, 100).within(queries, distance)
        for got, wanted in zip(found, reference.within(codes, queries, distance), strict=True):
            np.testing.assert_array_equal(got, wanted)
