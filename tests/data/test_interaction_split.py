# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from hashrec_fast.data import EventRows, InteractionSplit


def rows_of(counts):
    """Users with so many interactions each."""
    n_items = max(*counts, 1)
    return EventRows(sp.csr_matrix(np.arange(n_items) < np.array(counts)[:, None], dtype=float))


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=9).filter(lambda counts: max(counts) > 4),
    st.floats(0.3, 0.99),
    st.integers(0, 99),
)
def test_each_row_is_on_one_side_and_users_keep_one(counts, share, seed):
    rows = rows_of(counts)
    splitter = InteractionSplit(4, test_share=share, random_state=seed)
    splits = list(splitter.split(rows))
    assert len(splits) == splitter.get_n_splits(rows) == 4
    for train, test in splits:
        assert train.dtype == test.dtype == np.int64
        np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(rows)))
        left = np.bincount(rows[train].users, minlength=len(counts))
        held_out = np.bincount(rows[test].users, minlength=len(counts))
        np.testing.assert_array_equal(left > 0, np.array(counts) > 0)
        exact = np.array(counts) * share
        assert (held_out < exact + 1).all()
        assert ((held_out > exact - 1) | (left == 1) | (exact == 0)).all()


def test_the_share_is_right_in_the_mean_for_users_with_few():
    rows = rows_of([3] * 4000)
    (_, test) = next(InteractionSplit(test_share=0.2).split(rows))
    assert len(test) == pytest.approx(2400, abs=100)
    # each of the three alike: three standard deviations of 800
    np.testing.assert_allclose(np.bincount(rows[test].items), 800, atol=80)


def test_whole_numbers_are_never_rounded():
    rows = rows_of([5, 10, 15])
    for _, test in InteractionSplit(20, test_share=0.2).split(rows):
        np.testing.assert_array_equal(np.bincount(rows[test].users), [1, 2, 3])


def test_splits_differ_and_come_again():
    rows = rows_of([10] * 20)
    first, again = (list(InteractionSplit(random_state=3).split(rows)) for _ in range(2))
    for (_, test), (_, same) in zip(first, again, strict=True):
        np.testing.assert_array_equal(test, same)
    assert not np.array_equal(first[0][1], first[1][1])
    other = next(InteractionSplit(random_state=4).split(rows))
    assert not np.array_equal(first[0][1], other[1])
    stream = InteractionSplit(random_state=np.random.default_rng(3))
    assert not np.array_equal(next(stream.split(rows))[1], next(stream.split(rows))[1])


def test_order_of_rows_does_not_matter_to_users():
    rows = rows_of([10, 20])[np.random.default_rng(0).permutation(30)]
    for train, test in InteractionSplit().split(rows):
        np.testing.assert_array_equal(np.bincount(rows[train].users), [8, 16])
        np.testing.assert_array_equal(np.bincount(rows[test].users), [2, 4])


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_splits": 0}, ValueError, "n_splits must be at least 1"),
        ({"test_share": 0}, ValueError, "test_share must be above 0"),
        ({"test_share": 1.0}, ValueError, "test_share must be below 1"),
        ({"test_share": "some"}, TypeError, "test_share"),
        ({"random_state": "x"}, TypeError, "random_state"),
    ],
)
def test_unusable_settings(settings, error, message):
    with pytest.raises(error, match=message):
        InteractionSplit(**settings)


def test_what_cannot_be_split():
    with pytest.raises(TypeError, match=r"EventRows\(user_items\).*got csr_matrix"):
        next(InteractionSplit().split(sp.csr_matrix(np.eye(3))))
    with pytest.raises(ValueError, match="no interaction was held out"):
        next(InteractionSplit().split(rows_of([1, 1, 0])))


def test_it_says_what_it_is():
    wanted = "InteractionSplit(n_splits=5, test_share=0.2, random_state=0)"
    assert repr(InteractionSplit(5)) == wanted
