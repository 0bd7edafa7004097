# SPDX-License-Identifier: Apache-2.0
import pickle

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.data import Dataset, EventRows

DENSE = np.array([[5, 0, 3, 0], [0, 0, 0, 0], [1, 2, 0, 4]], np.float32)
MATRIX = sp.csr_matrix(DENSE)
RATED = Dataset.from_csr(MATRIX)


def test_every_stored_pair_is_a_row():
    rows = EventRows(MATRIX)
    assert len(rows) == 5
    assert rows.shape == (5, 2)
    np.testing.assert_array_equal(rows.users, [0, 0, 2, 2, 2])
    np.testing.assert_array_equal(rows.items, [0, 2, 0, 1, 3])
    assert repr(rows) == "EventRows(5 interactions of 3 users, 4 items)"


@pytest.mark.parametrize(
    ("key", "chosen"),
    [
        ([3, 0], [3, 0]),
        (np.array([3, 0]), [3, 0]),
        ((np.array([3, 0]), ...), [3, 0]),  # what scikit-learn asks for
        (slice(1, None, 2), [1, 3]),
        (np.array([False, True, False, False, True]), [1, 4]),
        (-1, [4]),
        ([], []),
    ],
)
def test_chosen_rows_keep_their_order_and_the_shape(key, chosen):
    rows, view = EventRows(MATRIX), EventRows(MATRIX)[key]
    np.testing.assert_array_equal(view.users, rows.users[chosen])
    np.testing.assert_array_equal(view.items, rows.items[chosen])
    wanted = np.zeros_like(DENSE)
    wanted[rows.users[chosen], rows.items[chosen]] = DENSE[rows.users[chosen], rows.items[chosen]]
    np.testing.assert_array_equal(view.user_items.toarray(), wanted)


def test_rows_of_rows_are_numbered_as_they_stand():
    view = EventRows(MATRIX)[[4, 2, 0]][[1, 2]]
    np.testing.assert_array_equal(view.items, [0, 0])
    np.testing.assert_array_equal(view.users, [2, 0])


def test_a_dataset_is_selected_with_all_it_has():
    source = Dataset.from_pairs(
        [0, 0, 1], [0, 1, 1], ratings=[5, 0, 3], timestamps=[7, 8, 9], n_users=2, n_items=2
    )
    view = EventRows(source)[[2, 1]]
    assert isinstance(view.selected, Dataset)
    np.testing.assert_array_equal(view.user_items.toarray(), [[0, 1], [0, 1]])
    np.testing.assert_array_equal(view.ratings.data, [0, 3])
    np.testing.assert_array_equal(view.selected.timestamps.data, [8, 9])


def test_a_matrix_keeps_its_values_and_stored_zeros():
    matrix = sp.csr_matrix((np.array([0.0, 2.0]), [1, 0], [0, 1, 2]), shape=(2, 3))
    view = EventRows(matrix)[[0]]
    assert view.ratings is None
    assert view.user_items.nnz == 1
    assert view.user_items.data[0] == 0


def test_unsorted_rows_are_sorted_in_a_copy():
    matrix = sp.csr_matrix((np.array([1.0, 2.0]), [2, 0], [0, 2]), shape=(1, 3))
    np.testing.assert_array_equal(EventRows(matrix).items, [0, 2])
    np.testing.assert_array_equal(matrix.indices, [2, 0])


@pytest.mark.parametrize("as_format", [sp.csc_array, sp.coo_matrix, sp.csr_array])
def test_any_sparse_matrix_will_do(as_format):
    np.testing.assert_array_equal(EventRows(as_format(DENSE)).user_items.toarray(), DENSE)


def test_pickled_rows_are_the_same():
    copied = pickle.loads(pickle.dumps(EventRows(RATED)[[4, 1]]))
    np.testing.assert_array_equal(copied.items, [3, 2])
    np.testing.assert_array_equal(copied.ratings.data, [3, 4])


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        ([5], IndexError, "out of bounds"),
        (np.zeros(3, bool), IndexError, "boolean index did not match"),
        ([0.5], IndexError, "integer"),
        (([0], [1]), IndexError, "only rows can be chosen"),
        ([1, 1], ValueError, "a row may be chosen once"),
    ],
)
def test_unusable_keys(key, error, message):
    with pytest.raises(error, match=message):
        EventRows(MATRIX)[key]


def test_unusable_sources():
    with pytest.raises(TypeError, match=r"Dataset or a scipy sparse matrix.*got ndarray"):
        EventRows(DENSE)
    twice = [0, 0], [1, 1]
    for matrix in (
        sp.coo_matrix((np.ones(2), twice), shape=(2, 2)),
        sp.csr_matrix((np.ones(2), np.array([1, 1]), np.array([0, 2, 2])), shape=(2, 2)),
    ):
        with pytest.raises(ValueError, match="stores 1 entries twice"):
            EventRows(matrix)


@pytest.mark.parametrize("name", ["wdcf", "dcf"])
@pytest.mark.parametrize("source", [MATRIX, RATED], ids=["matrix", "dataset"])
def test_models_take_rows_where_they_take_interactions(name, source):
    chosen = np.array([True, True, False, True, True])
    rows = EventRows(source)
    settings = {"n_bits": 8, "random_state": 0, **({"teacher": None} if name == "wdcf" else {})}
    model = hf.create(name, **settings)
    model.fit(rows[chosen], validation=rows[~chosen], show_progress=False)
    plain = MATRIX.copy()
    plain[2, 0] = 0
    plain.eliminate_zeros()
    left = MATRIX - plain
    left.eliminate_zeros()
    other = hf.create(name, **settings).fit(plain, validation=left, show_progress=False)
    np.testing.assert_array_equal(model.user_codes_, other.user_codes_)
    np.testing.assert_array_equal(model.item_codes_, other.item_codes_)
    np.testing.assert_array_equal(model.user_items_.toarray(), other.user_items_.toarray())
    found = hf.evaluate(model, rows[chosen], rows[~chosen], "recall@1")
    assert found == hf.evaluate(model, plain, left, "recall@1")


def test_side_information_goes_along():
    rng = np.random.default_rng(0)
    source = hf.data.generate(n_users=40, n_items=30, random_state=0)
    features = sp.csr_matrix(rng.random((30, 5)), dtype=np.float32)
    ratings = source.user_items.copy()
    ratings.data[:] = rng.integers(1, 6, ratings.nnz)
    source = Dataset(user_items=source.user_items, ratings=ratings, item_features=features)
    mask = rng.random(source.n_interactions) < 0.8
    by_rows, by_mask = (
        hf.create("dfm", n_bits=8, random_state=0).fit(data, show_progress=False)
        for data in (EventRows(source)[mask], source.select(mask))
    )
    np.testing.assert_array_equal(by_rows.item_codes_, by_mask.item_codes_)
    assert by_rows.encode_items(features=features[:2]).shape == (2, 1)
