# SPDX-License-Identifier: Apache-2.0
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, csr_matrix, random_array

from hashrec_fast.data import Dataset, split

METHODS = (
    "random",
    "per_user",
    "leave_one_out",
    "time",
    "time_exact",
    "cold_items",
    "cold_users",
    "upstream",
)


def keys(ds):
    coo = ds.user_items.tocoo()
    return coo.row.astype(np.int64) * ds.n_items + coo.col


@pytest.fixture(scope="module")
def ds():
    rng = np.random.default_rng(3)
    n = 1500
    return Dataset.from_pairs(
        rng.integers(0, 60, n),
        rng.zipf(1.3, n) % 97,
        ratings=rng.integers(0, 6, n),
        timestamps=rng.integers(0, 400, n),  # many ties, some zeros
        split=rng.integers(0, 3, n),
        n_users=61,  # the last one without interactions
        n_items=97,
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.1), (0.5, 0.5), (0.7, 0.3, 0.0), (1.0, 0, 0)])
def test_parts_are_disjoint_and_complete(ds, method, fractions):
    parts = split(ds, method, fractions, random_state=1)
    assert all(part.user_items.shape == ds.user_items.shape for part in parts)
    joined = np.concatenate([keys(part) for part in parts])
    np.testing.assert_array_equal(np.sort(joined), keys(ds))
    for part in parts:
        assert part.item_ids is ds.item_ids
        assert part.ratings.nnz == part.timestamps.nnz == part.n_interactions
        at = np.searchsorted(keys(ds), keys(part))
        np.testing.assert_array_equal(part.ratings.data, ds.ratings.data[at])
        np.testing.assert_array_equal(part.timestamps.data, ds.timestamps.data[at])
    if len(fractions) == 2 and method != "upstream":
        assert parts[1].n_interactions == 0


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_split(ds, method):
    first, second = (split(ds, method, random_state=5) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(keys(a), keys(b))


@pytest.mark.parametrize("seed", [0, 1, 17])
def test_random_is_the_stated_protocol(ds, seed):
    permuted = np.random.default_rng(seed).permutation(keys(ds))
    n = len(permuted)
    wanted = (
        permuted[: int(0.8 * n)],
        permuted[int(0.8 * n) : int(0.9 * n)],
        permuted[int(0.9 * n) :],
    )
    for part, expected in zip(split(ds, random_state=seed), wanted, strict=True):
        np.testing.assert_array_equal(keys(part), np.sort(expected))


@pytest.mark.parametrize("n", [10, 30, 70, 1000])
def test_cuts_do_not_suffer_from_binary_fractions(n):
    # 0.7 + 0.2 = 0.8999999999999999 in floating point, which would give 8 of 10
    parts = split(csr_matrix(np.ones((1, n))), "random", (0.7, 0.2, 0.1))
    assert [part.nnz for part in parts] == [7 * n // 10, 2 * n // 10, n // 10]


def test_per_user_counts(ds):
    counts = np.diff(ds.user_items.indptr)
    train, validation, test = split(ds, "per_user", (0.8, 0.1, 0.1))
    np.testing.assert_array_equal(np.diff(test.user_items.indptr), counts // 10)
    np.testing.assert_array_equal(np.diff(validation.user_items.indptr), counts // 10)
    assert ((np.diff(train.user_items.indptr) > 0) == (counts > 0)).all()


def test_leave_one_out_takes_the_latest():
    ds = Dataset.from_pairs(
        [0, 0, 0, 1, 1, 2], [3, 1, 2, 0, 1, 2], timestamps=[9, 5, 7, 1, 2, 3], n_items=4
    )
    train, validation, test = split(ds, "leave_one_out")
    assert [keys(part).tolist() for part in (train, validation, test)] == [[1, 4, 10], [2], [3, 5]]
    train, validation, test = split(ds, "leave_one_out", (0.9, 0.1))
    assert (train.n_interactions, validation.n_interactions, test.n_interactions) == (4, 0, 2)
    by_place = Dataset.from_pairs([0, 0, 0], [3, 1, 2], positions=[0, 2, 1], n_items=4)
    assert keys(split(by_place, "leave_one_out")[2]).tolist() == [1]


def test_time_never_looks_ahead(ds):
    train, validation, test = split(ds, "time")
    assert train.timestamps.data.max() < validation.timestamps.data.min()
    assert validation.timestamps.data.max() < test.timestamps.data.min()
    assert train.n_interactions >= 0.8 * ds.n_interactions


@pytest.mark.parametrize("fractions", [(0.5, 0.2, 0.3), (0.8, 0.2), (0.0, 0.5, 0.5)])
def test_time_exact_never_looks_ahead_and_counts_as_random(ds, fractions):
    parts = split(ds, "time_exact", fractions)
    wanted = [part.n_interactions for part in split(ds, "random", fractions)]
    assert [part.n_interactions for part in parts] == wanted
    filled = [part.timestamps.data for part in parts if part.n_interactions]
    for earlier, later in itertools.pairwise(filled):
        assert earlier.max() <= later.min()


def test_time_exact_divides_the_second_of_a_cut_by_chance():
    ds = Dataset.from_pairs([0] * 20, range(20), timestamps=[0] * 4 + [1] * 12 + [2] * 4)
    first = [set(keys(split(ds, "time_exact", (0.5, 0.5), random_state=s)[0])) for s in range(20)]
    assert all(set(range(4)) <= kept <= set(range(16)) for kept in first)
    assert set.union(*first) == set(range(16))
    assert split(ds, "time", (0.5, 0.5))[0].n_interactions == 16


def test_cold_users_are_whole(ds):
    seen = [set(part.user_items.nonzero()[0].tolist()) for part in split(ds, "cold_users")]
    assert len(set.union(*seen)) == sum(map(len, seen))
    assert len(seen[1]) + len(seen[2]) > 0


def test_cold_items_are_whole(ds):
    seen = [set(part.user_items.indices.tolist()) for part in split(ds, "cold_items")]
    assert len(set.union(*seen)) == sum(map(len, seen))
    n = len(set(ds.user_items.indices.tolist()))
    assert [len(s) for s in seen] == [int(0.8 * n), int(0.9 * n) - int(0.8 * n), n - int(0.9 * n)]


def test_upstream_follows_the_publisher(ds):
    train, validation, test = split(ds, "upstream")
    for part, code in ((train, 0), (test, 1), (validation, 2)):
        assert (part.split.data == code).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 8), st.integers(0, 8), st.floats(0, 1), st.integers(0, 9))
def test_matrices_in_matrices_out(n_users, n_items, density, seed):
    if not n_users * n_items:
        density = 0
    rng = np.random.default_rng(seed)
    matrix = csr_array(random_array((n_users, n_items), density=density, rng=rng))
    for method in ("random", "per_user", "leave_one_out", "cold_items", "cold_users"):
        parts = split(matrix, method, random_state=seed)
        assert all(isinstance(part, csr_array) for part in parts)
        np.testing.assert_array_equal(sum(part.toarray() for part in parts), matrix.toarray())


def test_unsorted_matrix_is_left_alone():
    matrix = csr_matrix(([1.0, 2.0], [1, 0], [0, 2]), shape=(1, 2))
    train, _, _ = split(matrix, "random", (1, 0))
    assert matrix.indices.tolist() == [1, 0]
    assert train.toarray().tolist() == [[2, 1]]


@pytest.mark.parametrize(
    "fractions", [(0.8,), (0.8, 0.1), (0.5, 0.6, -0.1), (1, 1), (), (0.5, float("nan"), 0.5)]
)
def test_bad_fractions(ds, fractions):
    with pytest.raises(ValueError, match="fractions must be two or three numbers"):
        split(ds, "random", fractions)


def test_bad_requests(ds):
    with pytest.raises(ValueError, match="method must be one of random, per_user"):
        split(ds, "magic")
    bare = Dataset.from_pairs([0], [0])
    with pytest.raises(ValueError, match="'time' needs timestamps"):
        split(bare, "time")
    with pytest.raises(ValueError, match="'time_exact' needs timestamps"):
        split(bare, "time_exact")
    with pytest.raises(ValueError, match="'upstream' needs the publisher's split"):
        split(bare, "upstream")
    with pytest.raises(TypeError, match="ds must be a Dataset or a scipy CSR matrix, got list"):
        split([[1]], "random")
    with pytest.raises(ValueError, match="stores 1 entries twice"):
        split(csr_matrix(([1.0, 1.0], [0, 0], [0, 2]), shape=(1, 1)), "random")
