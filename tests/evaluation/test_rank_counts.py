# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from hashrec_fast.kernels import ranks
from hashrec_fast.testing import reference_ranks


def random_lists(rng, n_users, n_items, n_targets):
    """Disjoint seen and target rows; every fourth user has no target, every fifth no seen item."""
    seen, targets = [], []
    for user in range(n_users):
        order = rng.permutation(n_items)
        stop = 0 if user % 4 == 3 else rng.integers(1, n_targets + 1)
        targets.append(np.sort(order[:stop]))
        size = 0 if user % 5 == 4 else rng.integers(0, n_items - stop + 1)
        seen.append(np.sort(order[stop : stop + size]))
    return to_lists(seen), to_lists(targets)


def to_lists(rows):
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return indptr, np.concatenate(rows).astype(np.int32)


def random_codes(rng, n, n_bits, n_distinct):
    words = rng.integers(0, 2**64, (n_distinct, -(-n_bits // 64)), dtype=np.uint64)
    if n_bits % 64:
        words[:, -1] &= np.uint64(2 ** (n_bits % 64) - 1)
    return words[rng.integers(0, n_distinct, n)]


def assert_same(got, wanted):
    for g, w in zip(got, wanted, strict=True):
        assert g.dtype == np.int32
        np.testing.assert_array_equal(g, w)


@pytest.mark.parametrize("with_priority", [False, True])
@pytest.mark.parametrize("n_bits", [8, 33, 64, 100, 128, 320])
@pytest.mark.parametrize("n_distinct", [3, 500])
def test_codes_equal_twin(simd_level, n_bits, n_distinct, with_priority):
    rng = np.random.default_rng(n_bits)
    users, items = random_codes(rng, 41, n_bits, 30), random_codes(rng, 347, n_bits, n_distinct)
    seen, targets = random_lists(rng, 41, 347, 40)
    priority = rng.integers(-2, 3, 347).astype(np.int32) if with_priority else None
    wanted = reference_ranks.rank_counts_codes(users, items, seen, targets, priority)
    for threads in (1, 2, 3):
        got = ranks.rank_counts_codes(
            users, items, seen, targets, item_priority=priority, num_threads=threads
        )
        assert_same(got, wanted)


@pytest.mark.parametrize("with_priority", [False, True])
def test_codes_over_several_blocks(with_priority):
    rng = np.random.default_rng(1)
    users, items = random_codes(rng, 19, 64, 19), random_codes(rng, 5003, 64, 5003)
    seen, targets = random_lists(rng, 19, 5003, 9)
    priority = rng.integers(0, 40, 5003).astype(np.int32) if with_priority else None
    assert_same(
        ranks.rank_counts_codes(users, items, seen, targets, item_priority=priority),
        reference_ranks.rank_counts_codes(users, items, seen, targets, priority),
    )


@pytest.mark.parametrize("with_priority", [False, True])
@pytest.mark.parametrize("n_levels", [2, 50, 10**6])
@pytest.mark.parametrize("n_targets", [1, 24, 690])
def test_scores_equal_twin(n_levels, n_targets, with_priority):
    rng = np.random.default_rng(n_targets)
    scores = (rng.integers(-n_levels, n_levels + 1, (23, 701)) / np.float32(7)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.1] = -0.0
    scores[0, :9] = np.inf
    scores[1, :9] = -np.inf
    seen, targets = random_lists(rng, 23, 701, n_targets)
    priority = rng.integers(-(2**31), 2**31, 701).astype(np.int32) if with_priority else None
    if priority is not None:
        priority[::3] = 5
    wanted = reference_ranks.rank_counts_scores(scores, seen, targets, priority)
    for threads in (1, 2, 3):
        got = ranks.rank_counts_scores(
            scores, seen, targets, item_priority=priority, num_threads=threads
        )
        assert_same(got, wanted)


@pytest.mark.parametrize("n_items", [1, 2, 3, 5, 7, 8, 9, 16, 63, 64, 65])
def test_small_sizes(n_items):
    rng = np.random.default_rng(n_items)
    users, items = random_codes(rng, 5, 8, 5), random_codes(rng, n_items, 8, n_items)
    seen, targets = random_lists(rng, 5, n_items, n_items)
    wanted = reference_ranks.rank_counts_codes(users, items, seen, targets)
    assert_same(ranks.rank_counts_codes(users, items, seen, targets), wanted)


def test_no_users():
    none = np.zeros(1, np.int64), np.zeros(0, np.int32)
    codes = np.zeros((0, 1), np.uint64), np.zeros((4, 1), np.uint64)
    better, tied = ranks.rank_counts_codes(*codes, none, none)
    assert better.shape == tied.shape == (0,)


def test_bad_input():
    users, items = np.zeros((1, 1), np.uint64), np.zeros((4, 1), np.uint64)
    seen, targets = to_lists([[1, 2]]), to_lists([[0]])
    with pytest.raises(ValueError, match="item_codes must be uint64"):
        ranks.rank_counts_codes(users, items.astype(np.int64), seen, targets)
    with pytest.raises(ValueError, match=r"item_codes must be uint64 \(\*, 1\)"):
        ranks.rank_counts_codes(users, np.zeros((4, 2), np.uint64), seen, targets)
    with pytest.raises(ValueError, match="at least one word"):
        ranks.rank_counts_codes(users[:, :0], items[:, :0], seen, targets)
    with pytest.raises(ValueError, match="targets row 0 holds id 4"):
        ranks.rank_counts_codes(users, items, seen, to_lists([[4]]))
    with pytest.raises(ValueError, match="ascending"):
        ranks.rank_counts_codes(users, items, to_lists([[2, 1]]), targets)
    with pytest.raises(ValueError, match="row 0: item 2 is both seen and a target"):
        ranks.rank_counts_codes(users, items, seen, to_lists([[0, 2]]))
    with pytest.raises(ValueError, match="item_priority"):
        ranks.rank_counts_codes(users, items, seen, targets, item_priority=np.zeros(3, np.int32))
    scores = np.array([[1, 2, np.nan, 4]], np.float32)
    with pytest.raises(ValueError, match="scores row 0 holds 1 NaN"):
        ranks.rank_counts_scores(scores, seen, targets)
    with pytest.raises(ValueError, match="scores must be float32"):
        ranks.rank_counts_scores(scores.astype(np.float64), seen, targets)
