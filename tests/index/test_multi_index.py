# SPDX-License-Identifier: Apache-2.0
"""MultiIndex equals a full sort, by tables, by scan and by its own choice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrec_fast.retrieval import LinearScan, MultiIndex
from hashrec_fast.testing import reference_search as reference

KINDS = ("random", "clustered", "sorted", "equal", "adverse")
BITS = (1, 8, 33, 64, 100, 128, 256)
LARGE = 70_001  # beyond the size up to which everything is scanned


def make_index(codes, n_bits, n_tables=None, num_threads=1, strategy="tables", ids=None):
    index = MultiIndex(n_bits, n_tables, num_threads, strategy=strategy)
    index.add(codes, ids)
    return index


def check(found, expected):
    for got, wanted in zip(found, expected, strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_array_equal(got, wanted)


def some_queries(codes, n_bits, rng, n=6):
    """Zero, random codes, codes of the database and near ones."""
    queries = [np.zeros((1, -(-n_bits // 64)), np.uint64)]
    queries.append(reference.codes_of_kind("random", n // 3, n_bits, rng))
    if len(codes):
        near = codes[rng.integers(0, len(codes), n - n // 3 - 1)].copy()
        near[::2, 0] ^= np.uint64(1)
        queries.append(near)
    return np.concatenate(queries)


def table_counts(n_bits):
    """From the fewest tables to one a bit, with even and uneven pieces."""
    fewest = -(-n_bits // 64)
    return sorted({fewest, min(fewest + 2, n_bits), -(-n_bits // 8), -(-n_bits // 3), n_bits})


@pytest.mark.parametrize("n_bits", BITS)
def test_tables(simd_level, n_bits, rng):
    for kind in ("random", "clustered"):
        codes = reference.codes_of_kind(kind, 700, n_bits, rng)
        queries = some_queries(codes, n_bits, rng)
        distances, ids = reference.search(codes, queries, 705)
        for n_tables in table_counts(n_bits):
            index = make_index(codes, n_bits, n_tables)
            for k in (1, 10, 100, 700, 705):
                check(index.search(queries, k), (distances[:, :k], ids[:, :k]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_bits", [64, 100])
def test_threads_and_kinds(simd_level, kind, n_bits, rng):
    codes = reference.codes_of_kind(kind, 5000, n_bits, rng)
    queries = some_queries(codes, n_bits, rng, n=40)
    expected = reference.search(codes, queries, 20)
    for num_threads in (1, 2, 3):
        index = make_index(codes, n_bits, n_bits // 7, num_threads)
        check(index.search(queries, 20), expected)
        counts = index.search_stats(queries, 20)
        if num_threads == 1:
            first = counts
        for name in ("lookups", "candidates", "radius", "scanned"):
            np.testing.assert_array_equal(getattr(counts, name), getattr(first, name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", ["auto", "tables", "scan"])
def test_large(kind, strategy, rng):
    """Large enough for the automatic choice to measure and to try."""
    codes = reference.codes_of_kind(kind, LARGE, 64, rng)
    queries = some_queries(codes, 64, rng, n=30)
    distances, ids = reference.search(codes, queries, 300)
    for num_threads in (1, 3):
        index = make_index(codes, 64, None, num_threads, strategy)
        for k in (1, 10, 300):
            check(index.search(queries, k), (distances[:, :k], ids[:, :k]))
        for q in range(0, 30, 7):  # alone, each query gets another budget
            found = index.search(queries[q : q + 1], 10)
            check(found, (distances[q : q + 1, :10], ids[q : q + 1, :10]))


def test_every_level_chooses_for_itself(simd_level, rng):
    codes = reference.codes_of_kind("clustered", LARGE, 64, rng)
    queries = some_queries(codes, 64, rng)
    index = make_index(codes, 64, strategy="auto")
    check(index.search(queries, 10), reference.search(codes, queries, 10))


def test_small_indexes_are_scanned(rng):
    codes = reference.codes_of_kind("random", 1000, 64, rng)
    counts = make_index(codes, 64, strategy="auto").search_stats(codes[:5], 1)
    assert counts.scanned.all()
    assert (counts.lookups == 0).all()


def test_hopeless_queries_are_scanned(rng):
    """Neighbours of random codes are so far that the look-ups would cost more than a scan."""
    codes = reference.codes_of_kind("random", LARGE, 64, rng)
    queries = reference.codes_of_kind("random", 50, 64, rng)
    index = make_index(codes, 64, strategy="auto")
    for some in (queries, queries[:1]):
        counts = index.search_stats(some, 100)
        assert counts.scanned.all()
        check(index.search(some, 100), reference.search(codes, some, 100))
    tried = index.search_stats(queries, 100).lookups
    assert tried.sum() < 50 * LARGE / 20


def test_tables_answer_what_is_near(rng):
    codes = reference.codes_of_kind("random", LARGE, 64, rng)
    codes[1::2] = codes[:-1:2]  # every code twice
    counts = make_index(codes, 64).search_stats(codes[:20], 2)
    assert not counts.scanned.any()
    assert (counts.radius == 0).all()
    assert (counts.lookups >= 1).all()
    assert (counts.candidates >= 2).all()


def test_one_table_over_everything_is_scanned(rng):
    """At 64 bits in one piece, rings soon have more keys than there are codes."""
    codes = reference.codes_of_kind("random", 500, 64, rng)
    queries = some_queries(codes, 64, rng)
    index = make_index(codes, 64, n_tables=1)
    check(index.search(queries, 30), reference.search(codes, queries, 30))
    counts = index.search_stats(queries, 30)
    assert counts.scanned.all()
    assert (counts.lookups <= 500).all()


@pytest.mark.parametrize("kind", ["random", "clustered", "equal"])
@pytest.mark.parametrize("strategy", ["auto", "tables"])
def test_exclude_and_allow(simd_level, kind, strategy, rng):
    n = LARGE if strategy == "auto" else 3000
    codes = reference.codes_of_kind(kind, n, 64, rng)
    queries = some_queries(codes, 64, rng, n=6)
    index = make_index(codes, 64, 8 if strategy == "tables" else None, 2, strategy)
    nearest = index.search(queries, 40)[1]
    lists = [nearest[0], nearest[1, ::2], [], rng.permutation(n)[:500], nearest[4], [0, n - 1]]
    pair = (np.cumsum([0, *map(len, lists)]), np.concatenate(lists).astype(np.int64))
    check(
        index.search(queries, 30, exclude=pair),
        reference.search(codes, queries, 30, exclude=lists),
    )
    for share in (0.6, 0.01):
        mask = rng.random(n) < share
        allowed = np.flatnonzero(mask)
        both = reference.search(codes, queries, 30, exclude=lists, allow=allowed)
        check(index.search(queries, 30, exclude=pair, allow=mask), both)
        check(index.search(queries, 30, exclude=pair, allow=allowed), both)


@pytest.mark.parametrize("n_bits", [8, 64, 130])
def test_ranges(simd_level, n_bits, rng):
    codes = reference.codes_of_kind("clustered", 3000, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    for n_tables in table_counts(n_bits)[1:]:
        index = make_index(codes, n_bits, n_tables, 2)
        for distance in (0, 1, 4, 9, n_bits // 2, n_bits, n_bits + 7, 2**62):
            expected = reference.within(codes, queries, distance)
            check(index.within(queries, distance), expected)
            check(index.range_search(queries, distance + 1), expected)
        assert index.range_search(queries, 0)[0].tolist() == [0] * (len(queries) + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_large_ranges(kind, rng):
    codes = reference.codes_of_kind(kind, LARGE, 64, rng)
    queries = some_queries(codes, 64, rng)
    for num_threads in (1, 2):
        index = make_index(codes, 64, None, num_threads, "auto")
        for distance in (0, 2, 6, 20):
            expected = reference.within(codes, queries, distance)
            check(index.within(queries, distance), expected)


def test_no_queries_and_no_codes(rng):
    for strategy in ("auto", "tables"):
        index = MultiIndex(64, 4, strategy=strategy)
        query = np.zeros((1, 1), np.uint64)
        assert index.search(query, 2)[1].tolist() == [[-1, -1]]
        assert index.within(query, 64)[0].tolist() == [0, 0]
        assert [table.n_buckets for table in index.statistics()] == [0] * 4
        index.add(reference.codes_of_kind("random", 100, 64, rng))
        assert index.search(query[:0], 2)[0].shape == (0, 2)
        assert index.within(query[:0], 3)[0].tolist() == [0]


def test_default_number_of_tables(rng):
    codes = reference.codes_of_kind("random", 2**16, 256, rng)
    index = make_index(codes, 256)
    assert [table.key_bits for table in index.statistics()] == [16] * 16
    index.build()  # again is fine
    assert MultiIndex(256, 6).n_tables == 6
    assert MultiIndex(256).n_tables is None


@given(
    n=st.integers(0, 300),
    n_bits=st.integers(1, 140),
    k=st.integers(1, 40),
    kind=st.sampled_from(KINDS),
    pieces=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=80)
def test_any_shape(n, n_bits, k, kind, pieces, seed):
    rng = np.random.default_rng(seed)
    codes = reference.codes_of_kind(kind, n, n_bits, rng)
    queries = some_queries(codes, n_bits, rng)
    ids = np.sort(rng.choice(1000, n, replace=False))
    fewest = -(-n_bits // 64)
    n_tables = fewest + int(pieces * (n_bits - fewest))
    index = make_index(codes, n_bits, n_tables, ids=ids)
    check(index.search(queries, k), reference.search(codes, queries, k, ids=ids))
    scan = LinearScan(n_bits)
    scan.add(codes, ids)
    check(index.within(queries, k), scan.within(queries, k))
