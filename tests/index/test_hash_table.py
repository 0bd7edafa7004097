# SPDX-License-Identifier: Apache-2.0
"""HashTable against a plain numpy twin of its probing rule."""

import numpy as np
import pytest

from hashrec_fast.retrieval import HashTable
from hashrec_fast.testing import reference_search as reference
from hashrec_fast.testing.reference_tables import key_distances, lookup, lookup_within

KINDS = ("random", "clustered", "equal", "adverse")
BITS = (1, 8, 33, 64, 100, 128, 256)


def make_index(codes, n_bits, ids=None, **parameters):
    index = HashTable(n_bits, **{"num_threads": 1, **parameters})
    index.add(codes, ids)
    return index


def check(found, expected):
    for got, wanted in zip(found, expected, strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_array_equal(got, wanted)


def some_queries(codes, n_bits, rng):
    random = reference.codes_of_kind("random", 3, n_bits, rng)
    return np.concatenate([np.zeros_like(random[:1]), random, codes[:3]])


@pytest.mark.parametrize("n_bits", BITS)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_probed_is_the_scan(simd_level, n_bits, kind, rng):
    codes = reference.codes_of_kind(kind, 400, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    expected = reference.search(codes, queries, 405)
    for key_bits in (1, 7, 16, 20, 33, 64):
        for key in ("first", "spread"):
            index = make_index(
                codes, n_bits, key_bits=key_bits, max_radius=64, n_candidates=400, key=key
            )
            for k in (1, 10, 400, 405):
                check(index.search(queries, k), (expected[0][:, :k], expected[1][:, :k]))


@pytest.mark.parametrize("key", ["first", "spread"])
@pytest.mark.parametrize("key_bits", [5, 12, 24, 40])
def test_the_stated_rule(simd_level, key, key_bits, rng):
    """What is found, in how many buckets, and where probing stops."""
    codes = reference.codes_of_kind("clustered", 5000, 100, rng)
    queries = some_queries(codes, 100, rng)
    for max_radius in (0, 1, 3, 5):
        for n_candidates in (0, 200):
            expected = lookup(codes, queries, 100, 10, key_bits, max_radius, n_candidates, key=key)
            for num_threads in (1, 2, 3):
                index = make_index(
                    codes,
                    100,
                    key_bits=key_bits,
                    max_radius=max_radius,
                    n_candidates=n_candidates,
                    key=key,
                    num_threads=num_threads,
                )
                check(index.search(queries, 10), expected[:2])
                counts = index.search_stats(queries, 10)
                np.testing.assert_array_equal(counts.candidates, expected[2])
                np.testing.assert_array_equal(counts.radius, expected[3])
                assert not counts.scanned.any()


def test_recall_grows(rng):
    codes = reference.codes_of_kind("random", 20_000, 64, rng)
    queries = reference.codes_of_kind("random", 20, 64, rng)
    exact = reference.search(codes, queries, 10)[1]

    def recall(**parameters):
        found = make_index(codes, 64, key_bits=10, **parameters).search(queries, 10)[1]
        return np.mean([np.isin(a, b).mean() for a, b in zip(exact, found, strict=True)])

    by_radius = [recall(max_radius=r, n_candidates=20_000) for r in (0, 2, 4, 10)]
    assert by_radius == sorted(by_radius)
    assert by_radius[0] < 0.5
    assert by_radius[-1] == 1.0
    assert recall(max_radius=10) < recall(max_radius=10, n_candidates=10_000) < 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_exclude_and_allow(simd_level, kind, rng):
    codes = reference.codes_of_kind(kind, 3000, 64, rng)
    queries = some_queries(codes, 64, rng)
    nearest = reference.search(codes, queries, 300)[1]
    lists = [nearest[0], nearest[1, ::2], [], nearest[3], [0, 2999], nearest[5], []]
    pair = (np.cumsum([0, *map(len, lists)]), np.concatenate(lists).astype(np.int64))
    index = make_index(codes, 64, key_bits=9, max_radius=4)
    for share in (1.0, 0.5, 0.01):
        allowed = np.flatnonzero(rng.random(3000) < share)
        expected = lookup(codes, queries, 64, 20, 9, 4, exclude=lists, allow=allowed)
        check(index.search(queries, 20, exclude=pair, allow=allowed), expected[:2])
        counts = index.search_stats(queries, 20, exclude=pair, allow=allowed)
        np.testing.assert_array_equal(counts.candidates, expected[2])
        np.testing.assert_array_equal(counts.radius, expected[3])


@pytest.mark.parametrize("key_bits", [6, 40])
def test_ranges(simd_level, key_bits, rng):
    codes = reference.codes_of_kind("clustered", 2000, 64, rng)
    queries = some_queries(codes, 64, rng)
    for max_radius in (0, 1, 64):
        index = make_index(codes, 64, key_bits=key_bits, max_radius=max_radius)
        for distance in (0, 1, 5, 30, 64, 2**40):
            expected = lookup_within(codes, queries, 64, distance, key_bits, max_radius)
            check(index.within(queries, distance), expected)
            check(index.range_search(queries, distance + 1), expected)
            if max_radius >= distance:  # then nothing is missed
                check(index.within(queries, distance), reference.within(codes, queries, distance))


@pytest.mark.parametrize("key_bits", [4, 16, 18, 24, 33, 64])
@pytest.mark.parametrize("n", [0, 1, 3000, 140_000])
def test_statistics(key_bits, n, rng):
    codes = reference.codes_of_kind("random", n, 100, rng)
    codes[: n // 3] = codes[:1]
    index = make_index(codes, 100, key_bits=key_bits, num_threads=2)
    keys = codes[:, 0] & np.uint64(2**key_bits - 1)
    sizes = np.unique(keys, return_counts=True)[1]
    facts = index.statistics()
    assert facts.key_bits == key_bits
    assert facts.n_buckets == len(sizes)
    assert facts.largest_bucket == max(sizes, default=0)
    assert facts.mean_bucket == pytest.approx(n / max(len(sizes), 1))
    assert facts.n_bytes >= 4 * n
    if n:
        found = index.search_stats(codes[:1], 1)
        assert found.lookups.tolist() == [1]
        assert found.candidates.tolist() == [np.count_nonzero(keys == keys[0])]


def test_parameters_between_searches(rng):
    codes = reference.codes_of_kind("random", 1000, 64, rng)
    index = make_index(codes, 64, key_bits=8, max_radius=0)
    few = index.search_stats(codes[:3], 500).candidates
    index.max_radius = 8
    assert (index.search_stats(codes[:3], 500).candidates > few).all()
    index.max_radius = -1
    with pytest.raises(ValueError, match="max_radius"):
        index.search(codes[:1], 1)


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"key_bits": 0}, ValueError, "key_bits must be at least 1"),
        ({"key_bits": 65}, ValueError, "key_bits must be at most 64"),
        ({"key_bits": 8.0}, TypeError, "key_bits must be an integer"),
        ({"max_radius": -1}, ValueError, "max_radius"),
        ({"n_candidates": -1}, ValueError, "n_candidates"),
        ({"key": "last"}, ValueError, "key must be one of"),
        ({"num_threads": -1}, ValueError, "num_threads"),
        ({"n_bits": 0}, ValueError, "n_bits"),
    ],
)
def test_bad_parameters(parameters, error, words):
    with pytest.raises(error, match=words):
        HashTable(**parameters)


def test_twin_of_keys():
    codes = np.array([[0b1011, 1]], np.uint64)
    zero = np.zeros((1, 2), np.uint64)
    assert key_distances(codes, zero, 128, 3, "first").tolist() == [[2]]
    assert key_distances(codes, zero, 128, 2, "spread").tolist() == [[2]]  # bits 0 and 64
