# SPDX-License-Identifier: Apache-2.0
import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix, csr_array, csr_matrix

from hashrec_fast.data import Dataset, KnowledgeGraph


def test_labels_are_numbered_in_sorted_order():
    ds = Dataset.from_pairs(["b", "a", "b"], [30, 5, 5], [1.0, 2.0, 3.0], [7, 8, 0])
    assert ds.user_ids.tolist() == ["a", "b"]
    assert ds.item_ids.tolist() == [5, 30]
    assert ds.ratings.toarray().tolist() == [[2, 0], [3, 1]]
    assert ds.user_items.dtype == np.float32
    assert ds.timestamps.dtype == np.int64
    assert (ds.n_users, ds.n_items, ds.n_interactions, ds.density) == (2, 2, 3, 0.75)


def test_stored_zeros_stay():
    ds = Dataset.from_pairs([0, 0, 1], [0, 1, 1], [0, 0, 5], [0, 9, 0])
    assert ds.timestamps.nnz == ds.ratings.nnz == 3
    kept = ds.select(np.array([True, False, True]))
    assert kept.timestamps.nnz == kept.ratings.nnz == kept.n_interactions == 2
    assert kept.timestamps.data.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("duplicates", "times", "kept"),
    [
        ("last", [5, 9, 7], 2.0),  # the latest time, wherever it stands
        ("first", [5, 9, 7], 1.0),
        ("last", [9, 9, 7], 2.0),  # of equal times the later row
        ("last", None, 3.0),
        ("first", None, 1.0),
    ],
)
def test_repeated_pairs(duplicates, times, kept, caplog):
    with caplog.at_level(logging.INFO, logger="hashrec_fast"):
        ds = Dataset.from_pairs([4] * 3, ["x"] * 3, [1, 2, 3], times, duplicates=duplicates)
    assert ds.ratings.data.tolist() == [kept]
    assert ds.n_duplicates == 2
    assert "2 repeated pairs dropped" in caplog.text


def test_repeated_pairs_can_be_an_error():
    with pytest.raises(ValueError, match="row 2: user 0, item 0 came before; 1 repeated"):
        Dataset.from_pairs([0, 1, 0], [0, 0, 0], duplicates="error")
    with pytest.raises(ValueError, match="duplicates must be"):
        Dataset.from_pairs([0], [0], duplicates="sum")


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(-3, 3), st.integers(0, 3)),
        max_size=40,
    )
)
def test_last_rule_against_a_dictionary(rows):
    best = {}
    for user, item, rating, time in rows:
        if (user, item) not in best or time >= best[user, item][1]:
            best[user, item] = (rating, time)
    columns = [[row[i] for row in rows] for i in range(4)]
    ds = Dataset.from_pairs(*columns, n_users=5, n_items=5)
    coo = ds.ratings.tocoo()
    found = zip(
        zip(coo.row.tolist(), coo.col.tolist(), strict=True),
        zip(coo.data.tolist(), ds.timestamps.data.tolist(), strict=True),
        strict=True,
    )
    assert dict(found) == best
    assert list(best) == [] or ds.n_duplicates == len(rows) - len(best)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"users": [0, 1], "items": [0]}, "users and items must be of one length, got 2 and 1"),
        (
            {"users": [0, 3], "items": [0, 0], "n_users": 3},
            "row 1: users must be from 0 to 2",
        ),
        ({"users": [0], "items": [-1], "n_items": 3}, "row 0: items must be from 0 to 2, got -1"),
        ({"users": [], "items": [], "n_users": -1}, "n_users must be at least 0, got -1"),
        ({"users": [0.5], "items": [0], "n_users": 3}, "users must be integer row numbers"),
        ({"users": [float("nan")], "items": [0]}, "row 0: users is NaN"),
        ({"users": [[0]], "items": [0]}, "users must be one-dimensional"),
        (
            {"users": [0], "items": [0], "ratings": [np.nan]},
            "row 0: ratings must be finite",
        ),
        (
            {"users": [0], "items": [0], "ratings": [np.inf]},
            "row 0: ratings must be finite",
        ),
        ({"users": [0], "items": [0], "ratings": [1, 2]}, r"ratings must have shape \(1,\)"),
        ({"users": [0], "items": [0], "ratings": ["good"]}, "ratings must be numbers"),
        ({"users": [0], "items": [0], "split": [300]}, "row 0: split must be from 0 to 2, got 300"),
        (
            {"users": [0], "items": [0], "n_users": 2, "user_ids": ["a"]},
            "1 labels were given for 2",
        ),
    ],
)
def test_bad_columns(arguments, message):
    with pytest.raises(ValueError, match=message):
        Dataset.from_pairs(**arguments)


def test_from_csr_keeps_every_entry():
    matrix = csr_array(([5.0, 0.0, 2.0], [2, 0, 1], [0, 2, 3]), shape=(2, 3))
    ds = Dataset.from_csr(matrix)
    assert ds.n_interactions == 3
    assert ds.ratings.data.tolist() == [0, 5, 2]
    assert Dataset.from_csr(csr_matrix(np.eye(2))).ratings is None
    twice = coo_matrix(([1.0, 2.0], ([0, 0], [1, 1])), shape=(1, 2))
    assert Dataset.from_csr(twice).n_duplicates == 1


def test_dataset_checks_its_parts():
    base = csr_matrix(np.eye(3, dtype=np.float32))
    other = csr_matrix(np.ones((3, 3), np.float32))
    with pytest.raises(ValueError, match="user_items must be a scipy CSR matrix"):
        Dataset(user_items=np.eye(3))
    with pytest.raises(ValueError, match="ratings must be CSR with the very pattern"):
        Dataset(user_items=base, ratings=other)
    with pytest.raises(
        ValueError, match=r"item_features must be of shape \(3, any\), got \(2, 3\)"
    ):
        Dataset(user_items=base, item_features=other[:2])
    with pytest.raises(ValueError, match=r"social must be of shape \(3, 3\)"):
        Dataset(user_items=base, social=other[:, :2])
    with pytest.raises(ValueError, match="item_ids must hold 3 labels"):
        Dataset(user_items=base, item_ids=["a"])
    kg = {"head": np.array([0]), "relation": np.array([0]), "tail": np.array([1])}
    sizes = {"n_entities": 2, "n_relations": 1}
    with pytest.raises(ValueError, match="row 0: tail must be from 0 to 0, got 1"):
        KnowledgeGraph(**kg, item_entity=np.array([0]), n_entities=1, n_relations=1)
    graph = KnowledgeGraph(**kg, item_entity=np.array([0, -1]), **sizes)
    with pytest.raises(ValueError, match=r"kg\.item_entity must hold 3 items, got 2"):
        Dataset(user_items=base, kg=graph)


def test_select_wants_a_mask():
    ds = Dataset.from_pairs([0, 1], [0, 1])
    for mask in ([0, 1], [True], np.array([1.0, 0.0])):
        with pytest.raises(ValueError, match=r"mask must be bool of shape \(2,\)"):
            ds.select(mask)
