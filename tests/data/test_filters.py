# SPDX-License-Identifier: Apache-2.0
"""Filters of users and items, and the preprocessing of published tables on real data."""

import os

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from hashrec_fast.data import (
    Dataset,
    KnowledgeGraph,
    available,
    drop_unseen,
    frequent,
    load,
    split,
    subset,
)

REAL = os.environ.get("HASHREC_DATA", "")


def toy():
    """Users 0..20 rate items 0..20, but user 20 rates only 20 of them, and user 21 one more.

    Item 21 has 21 ratings: those of users 0..19 and of user 20; item 22 those of users 0..2.
    """
    users = [u for u in range(21) for i in range(21) if u < 20 or i >= 2]
    items = [i for u in range(21) for i in range(21) if u < 20 or i >= 2]
    users += [*range(21), 0, 1, 2, 21]
    items += [21] * 21 + [22, 22, 22, 0]
    return Dataset.from_pairs(users, items, ratings=np.arange(len(users)) % 5 + 1.0)


def test_counted_once_and_strictly_more():
    ds = toy()
    counts_of_users = np.diff(ds.user_items.indptr)
    counts_of_items = np.bincount(ds.user_items.indices)
    assert counts_of_users[20] == 20
    assert counts_of_items[21] == 21
    kept = frequent(ds, 20)
    assert 20 not in kept.user_ids  # a user of exactly 20 goes
    assert 21 in kept.item_ids  # an item that falls to 20 with that user stays
    after = np.bincount(kept.user_items.indices)
    assert after[kept.item_ids.tolist().index(21)] == 20
    assert kept.user_ids.tolist() == list(range(20))
    # items 0 and 1: 20 of the first users, item 0 also has user 21
    assert kept.item_ids.tolist() == [0, *range(2, 22)]


def test_everything_stays_aligned():
    ds = toy()
    kept = frequent(ds, 20)
    wanted = ds.ratings.toarray()[np.ix_(kept.user_ids, kept.item_ids)]
    np.testing.assert_array_equal(kept.ratings.toarray(), wanted)
    assert kept.user_items.has_canonical_format


def test_side_information_follows():
    ds = Dataset.from_pairs(
        [0, 1, 1, 2], [0, 0, 2, 1], timestamps=[5, 0, 0, 7], n_users=4, n_items=3
    )
    parts = {
        "user_features": sp.csr_matrix(np.arange(8).reshape(4, 2)),
        "item_features": sp.csr_matrix(np.arange(6).reshape(3, 2)),
        "social": sp.csr_matrix(np.arange(16).reshape(4, 4)),
        "item_graph": sp.csr_matrix(np.arange(9).reshape(3, 3)),
        "kg": KnowledgeGraph(
            head=np.array([0], np.int32),
            relation=np.array([0], np.int32),
            tail=np.array([3], np.int32),
            item_entity=np.array([3, -1, 0], np.int32),
            n_entities=4,
            n_relations=1,
        ),
    }
    ds = Dataset(**{**vars(ds), **parts})
    users, items = np.array([False, True, True, True]), np.array([True, False, True])
    kept = subset(ds, users, items)
    assert kept.user_items.toarray().tolist() == [[1, 1], [0, 0], [0, 0]]
    assert kept.timestamps.nnz == 2  # zeros stay stored
    assert kept.user_features.toarray().tolist() == [[2, 3], [4, 5], [6, 7]]
    assert kept.item_features.toarray().tolist() == [[0, 1], [4, 5]]
    assert kept.social.toarray().tolist() == [[5, 6, 7], [9, 10, 11], [13, 14, 15]]
    assert kept.item_graph.toarray().tolist() == [[0, 2], [6, 8]]
    assert kept.kg.item_entity.tolist() == [3, 0]


@given(st.integers(0, 7), st.integers(0, 7), st.floats(0, 1), st.integers(0, 3), st.integers(0, 9))
def test_subset_is_dense_indexing(n_users, n_items, density, more_than, seed):
    rng = np.random.default_rng(seed)
    dense = (rng.random((n_users, n_items)) < density).astype(np.float32)
    kept = frequent(Dataset.from_csr(sp.csr_matrix(dense)), more_than)
    users, items = dense.sum(1) > more_than, dense.sum(0) > more_than
    np.testing.assert_array_equal(kept.user_items.toarray(), dense[users][:, items])


def test_unseen_users_and_items_are_dropped():
    train = Dataset.from_pairs([0, 0, 2], [0, 3, 0], n_users=4, n_items=4)
    later = Dataset.from_pairs([0, 1, 2, 2], [1, 0, 3, 2], n_users=4, n_items=4)
    known, left, nothing = drop_unseen(train, later, train.select(np.zeros(3, bool)))
    assert known.user_items.toarray().tolist() == [[1, 1], [1, 0]]
    assert left.user_items.toarray().tolist() == [[0, 0], [0, 1]]
    assert (left.user_ids.tolist(), left.item_ids.tolist()) == ([0, 2], [0, 3])
    assert nothing.user_items.shape == (2, 2)


def test_bad_requests():
    ds = toy()
    with pytest.raises(TypeError, match="a Dataset is wanted, got csr_matrix"):
        frequent(ds.user_items)
    with pytest.raises(ValueError, match="more_than must be at least 0"):
        frequent(ds, -1)
    with pytest.raises(ValueError, match=r"users must be bool of shape \(22,\), got int64"):
        subset(ds, np.arange(22), np.ones(23, bool))
    with pytest.raises(ValueError, match=r"items must be bool of shape \(23,\)"):
        subset(ds, np.ones(22, bool), [True])
    with pytest.raises(TypeError, match="a Dataset is wanted, got list"):
        drop_unseen(ds, [])
    with pytest.raises(ValueError, match="parts must have the shape of train"):
        drop_unseen(ds, Dataset.from_pairs([0], [0]))


@pytest.mark.realdata
@pytest.mark.skipif(not REAL, reason="HASHREC_DATA is not set")
@pytest.mark.parametrize(
    ("name", "kept", "n_train"),
    [("ml-100k", (94_113, 911, 927), 47_056), ("ml-1m", (993_146, 5_954, 3_011), 496_573)],
)
def test_counts_of_hcfrec(name, kept, n_train):
    """Its table 1: users, items, and the training half of a cut in time."""
    if name not in available():
        pytest.skip(f"{name} is not in {REAL}")
    ds = frequent(load(name), 20)
    assert (ds.n_interactions, ds.n_users, ds.n_items) == kept
    train, validation, test = split(ds, "time_exact", (0.5, 0.2, 0.3))
    assert train.n_interactions == n_train
    assert validation.n_interactions == int(0.7 * kept[0]) - n_train
    assert train.timestamps.data.max() <= validation.timestamps.data.min()
    known, *later = drop_unseen(train, validation, test)
    assert known.n_interactions == n_train
    for part in later:
        assert 0 < part.n_interactions < test.n_interactions
        assert set(part.user_ids) <= set(train.user_ids[train.user_items.nonzero()[0]])
