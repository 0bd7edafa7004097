# SPDX-License-Identifier: Apache-2.0
"""What every method keeps, whatever it learns."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from checkerboards import checkerboard, fit, fitted, shared, side_info

import hashrec_fast as hf
from hashrec_fast.methods import load_recipe
from hashrec_fast.recipe_json import from_json, to_json

METHODS = hf.available_methods()
BINARY = [name for name in METHODS if hf.describe(name)["codes"] == "binary"]


def cut_to_seven(value):
    """Side information of seven rows."""
    if isinstance(value, hf.data.KnowledgeGraph):
        return dataclasses.replace(value, item_entity=value.item_entity[:7])
    return [view[:7] for view in value] if isinstance(value, list) else value[:7]


def rows_of(model):
    return model.fitted_.user, model.fitted_.item


@pytest.mark.parametrize("name", METHODS)
def test_learns_the_checkerboard(name):
    model, likes, _ = shared(name)
    ids, _ = model.recommend(np.arange(60), N=5)
    right = np.take_along_axis(likes, ids, axis=1)
    assert right.mean() > 0.95


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("n_bits", [1, 8, 33, 64, 100])
def test_shapes_and_dtypes(name, n_bits):
    model, _, _ = shared(name, n_bits)
    for rows in rows_of(model):
        if name in BINARY:
            assert rows.dtype == np.uint64
            assert rows.shape == (60, (n_bits + 63) // 64)
            hf.LinearScan(n_bits=n_bits).add(rows)  # refuses set padding bits
        else:
            assert rows.dtype == np.float32
            assert rows.shape == (60, n_bits)
            assert np.isfinite(rows).all()


@pytest.mark.parametrize("name", METHODS)
def test_same_seed_same_codes_for_any_threads(name):
    first, _, _ = fitted(name, brief=True)
    for threads in (1, 2, 3):
        again, _, _ = fitted(name, brief=True, num_threads=threads)
        for a, b in zip(rows_of(first), rows_of(again), strict=True):
            np.testing.assert_array_equal(a, b)
    other, _, _ = fitted(name, brief=True, random_state=8)
    assert any((a != b).any() for a, b in zip(rows_of(first), rows_of(other), strict=True))


@pytest.mark.parametrize("name", METHODS)
def test_batch_equals_single_and_liked_items_are_left_out(name):
    model, _, _ = shared(name)
    ids, scores = model.recommend([3, 11, 3], N=8)
    for row, user in enumerate((3, 11, 3)):
        one_ids, one_scores = model.recommend(user, N=8)
        np.testing.assert_array_equal(ids[row], one_ids)
        np.testing.assert_allclose(scores[row], one_scores, rtol=1e-5)
        assert not np.isin(one_ids, model.user_items_[user].indices).any()
        assert (np.diff(one_scores) <= 0).all()


@pytest.mark.parametrize("name", METHODS)
def test_filters(name):
    model, _, _ = shared(name)
    best, _ = model.recommend(0, N=3)
    without, _ = model.recommend(0, N=3, filter_items=best[:1])
    assert best[0] not in without
    only, scores = model.recommend(0, N=4, filter_already_liked_items=False, items=[5, 2])
    assert sorted(only[:2]) == [2, 5]
    np.testing.assert_array_equal(only[2:], -1)
    assert np.isneginf(scores[2:]).all()
    nothing = sp.csr_matrix((1, 60), dtype=np.float32)
    unfiltered, _ = model.recommend(0, user_items=nothing, N=60)
    assert len(np.unique(unfiltered)) == 60


@pytest.mark.parametrize("name", METHODS)
def test_similar_rows_start_with_themselves(name):
    model, _, _ = shared(name, 64)
    ids, scores = model.similar_items(4, N=60)
    assert ids.shape == scores.shape == (60,)
    if name in BINARY:
        assert scores[0] == 64
        assert 4 in ids[scores == 64]
    many, _ = model.similar_users([1, 2], N=3)
    assert many.shape == (2, 3)


@pytest.mark.parametrize("name", METHODS)
def test_save_and_load(name, tmp_path):
    model, _, _ = shared(name)
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = hf.load(path)
    assert type(loaded) is type(model)
    assert loaded.recipe == model.recipe
    assert loaded.get_params() == model.get_params()
    assert loaded.history_ == model.history_
    for a, b in zip(rows_of(model), rows_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(model.recommend(5)[0], loaded.recommend(5)[0])
    new = checkerboard(explicit=model.recipe.feedback == "explicit")[0][:4]
    np.testing.assert_array_equal(model.encode_users(new), loaded.encode_users(new))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("side", ["users", "items"])
def test_fold_in_finds_the_right_side(name, side):
    model, likes, _ = shared(name)
    explicit = model.recipe.feedback == "explicit"
    matrix = checkerboard(explicit=explicit)[0]
    encode = model.encode_users if side == "users" else model.encode_items
    rows = matrix if side == "users" else matrix.T.tocsr()
    got = encode(rows)
    other = model.fitted_.item if side == "users" else model.fitted_.user
    scores = -hf.hamming_matrix(got, other) if name in BINARY else got @ other.T
    best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    assert np.take_along_axis(likes, best, axis=1).mean() > 0.9
    np.testing.assert_array_equal(encode(rows[7]), got[7:8])  # a row's code is its own affair


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("side", ["user", "item"])
def test_cold_rows_from_features(name, side, tmp_path):
    """Rows without interactions, by their features alone, from a loaded model."""
    recipe = load_recipe(name)
    terms = recipe.terms()
    solver = recipe.strategy.solver
    able = solver.feature_sides(terms) if hasattr(solver, "feature_sides") else ()
    model, likes, _ = shared(name)
    views = [view[:10] for view in (side_info(name) or {}).get(f"{side}_features", [])]
    encode = model.encode_users if side == "user" else model.encode_items
    if side not in able:
        with pytest.raises(ValueError, match="cannot encode"):
            encode(features=views or [np.eye(3)])
        return
    model.save(tmp_path / "model")
    loaded = hf.load(tmp_path / "model")
    got = encode(features=views)
    np.testing.assert_array_equal(
        got, (loaded.encode_users if side == "user" else loaded.encode_items)(views)
    )
    other = model.fitted_.item if side == "user" else model.fitted_.user
    best = np.argsort(hf.hamming_matrix(got, other), axis=1, kind="stable")[:, :10]
    right = np.take_along_axis(likes[:10] if side == "user" else likes[:, :10].T, best, axis=1)
    assert right.mean() > 0.9
    with pytest.raises(ValueError, match="features must have the widths of training"):
        encode(features=views[:1])


@pytest.mark.parametrize("name", METHODS)
def test_side_information_is_checked(name):
    needs = hf.describe(name)["side_info"]["needs"]
    model = hf.create(name, n_bits=8)
    matrix = checkerboard(explicit=hf.describe(name)["feedback"] == "explicit")[0]
    if not hf.describe(name)["side_info"]["uses"]:
        with pytest.raises(ValueError, match="uses no side_info"):
            model.fit(matrix, side_info={"social": matrix}, show_progress=False)
        return
    if needs:
        with pytest.raises(ValueError, match=r"needs side_info\['\w+'\].* got none"):
            model.fit(matrix, show_progress=False)
    with pytest.raises(ValueError, match="got nonsense as well"):
        model.fit(matrix, side_info={"nonsense": 1}, show_progress=False)
    for key, value in side_info(name).items():
        wrong = side_info(name) | {key: cut_to_seven(value)}
        with pytest.raises(ValueError, match=f"{key}.*must (have|be).*60"):
            model.fit(matrix, side_info=wrong, show_progress=False)


@pytest.mark.parametrize("name", METHODS)
def test_parameters_round_trip(name):
    model = hf.create(name, n_bits=24, random_state=3)
    again = type(model)(**model.get_params(deep=False))
    assert again.get_params() == model.get_params()
    assert from_json(to_json(model.recipe)) == model.recipe
    with pytest.raises(ValueError, match="unknown parameter 'no_such'"):
        model.set_params(no_such=1)
    with pytest.raises(ValueError, match="unknown parameter"):
        hf.create(name, solver__no_such=1)


@pytest.mark.parametrize("name", METHODS)
def test_sklearn_clone(name):
    base = pytest.importorskip("sklearn.base")
    model = hf.create(name, n_bits=24, random_state=3)
    assert base.clone(model).get_params() == model.get_params()


@pytest.mark.parametrize("name", METHODS)
def test_not_fitted(name):
    model = hf.create(name)
    with pytest.raises(hf.NotFittedError, match="call fit first"):
        model.recommend(0)
    with pytest.raises(hf.NotFittedError):
        model.save("nowhere.safetensors")


@pytest.mark.parametrize("name", METHODS)
def test_callback_and_empty_rows(name):
    matrix = checkerboard(explicit=hf.describe(name)["feedback"] == "explicit")[0].tolil()
    matrix[7] = 0
    matrix[:, 9] = 0
    seen = []
    model, _, _ = shared(name, 16)
    fit(model, name, matrix.tocsr(), callback=seen.append)
    assert seen
    assert all(isinstance(row, dict) for row in seen)
    ids, _ = model.recommend(7, N=60)
    assert sorted(ids) == list(range(60))

    def stop(row):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        fit(model, name, matrix.tocsr(), callback=stop)


@pytest.mark.parametrize("name", BINARY)
def test_every_index(name):
    model, _, _ = shared(name)
    ids, scores = model.recommend(np.arange(60), N=7)
    similar = model.similar_items(np.arange(60), N=7)[0]
    if model.recipe.similarity is not None and model.recipe.similarity.index_kinds:
        with pytest.raises(ValueError, match=r"index must be one of .*linear_scan"):
            model.set_index("multi_index")
        return
    assert model.set_index("multi_index") is model
    for found, expected in zip(
        (*model.recommend(np.arange(60), N=7), model.similar_items(np.arange(60), N=7)[0]),
        (ids, scores, similar),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)
    assert model.fitted_.index_kind == model.index == "multi_index"
    model.set_index("hash_table")
    found, their_scores = model.recommend(np.arange(60), N=7)
    assert model.fitted_.index_kind == "hash_table"
    assert (their_scores <= scores).all()
    assert np.isneginf(their_scores[found < 0]).all()


def test_float_methods_are_scanned():
    with pytest.raises(ValueError, match="index must be one of"):
        fitted("ials", index="hash_table")
