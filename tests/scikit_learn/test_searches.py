# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's searches and cross-validation over interactions."""

import numpy as np
import pytest
import scipy.stats

import hashrec_fast as hf
from hashrec_fast.data import Dataset, EventRows, InteractionSplit
from hashrec_fast.solvers import ImplicitALS, Teacher

model_selection = pytest.importorskip("sklearn.model_selection")
GENERATED = hf.data.generate(n_users=90, n_items=200, random_state=0)
ROWS = EventRows(GENERATED.user_items)
SMALL = Teacher(candidates=(ImplicitALS(n_factors=8),))
GRID = {"squared_hinge__weight": [0.1, 2.0], "n_bits": [2, 16]}


def hashed(**settings):
    return hf.create("wdcf", **{"n_bits": 8, "random_state": 0, "teacher": SMALL} | settings)


@pytest.fixture(scope="module")
def search():
    cv = InteractionSplit(n_splits=2)
    found = model_selection.GridSearchCV(hashed(), GRID, cv=cv, n_jobs=1)
    return found.fit(ROWS, show_progress=False)


def test_a_grid_is_scored_as_by_hand(search):
    by_hand = []
    for settings in search.cv_results_["params"]:
        for train, test in InteractionSplit(n_splits=2).split(ROWS):
            model = hashed(**settings).fit(ROWS[train].user_items, show_progress=False)
            found = hf.evaluate(model, ROWS[train], ROWS[test], "recall@50")
            by_hand.append(found["recall@50"])
    splits = [search.cv_results_[f"split{i}_test_score"] for i in range(2)]
    np.testing.assert_array_equal(np.transpose(splits).ravel(), by_hand)
    assert search.best_score_ == np.reshape(by_hand, (4, 2)).mean(axis=1).max()
    assert search.best_params_["n_bits"] == 16
    assert len(set(search.cv_results_["mean_test_score"])) > 2  # both parameters tell


def test_the_best_is_fitted_again_on_all(search):
    best = search.best_estimator_
    assert best.n_bits == 16
    assert (
        best.get_params()["squared_hinge__weight"] == (search.best_params_["squared_hinge__weight"])
    )
    np.testing.assert_array_equal(best.user_items_.toarray(), GENERATED.user_items.toarray())
    assert best.recommend(np.arange(3), N=5)[0].shape == (3, 5)
    assert search.n_features_in_ == 200


def test_numpy_scalars_of_distributions_in_two_processes():
    joblib = pytest.importorskip("joblib")
    distributions = {
        "squared_hinge__weight": scipy.stats.loguniform(0.1, 10),
        "n_bits": np.arange(4, 33),
        "index": np.array(["linear_scan", "multi_index"]),
    }
    found = [
        model_selection.RandomizedSearchCV(
            hashed(num_threads=1),
            distributions,
            n_iter=3,
            cv=InteractionSplit(2),
            random_state=0,
            n_jobs=n_jobs,
        )
        for n_jobs in (1, 2)
    ]
    with joblib.parallel_config(max_nbytes=1):  # arrays reach the processes as read-only files
        for search in found:
            search.fit(ROWS)
    scores = [search.cv_results_["mean_test_score"] for search in found]
    np.testing.assert_array_equal(*scores)
    assert np.isfinite(scores).all()
    assert isinstance(found[0].best_params_["n_bits"], np.integer)
    parameters = found[0].best_estimator_.get_params()
    assert type(parameters["n_bits"]) is int
    assert type(parameters["squared_hinge__weight"]) is float
    assert type(parameters["index"]) is str


def test_whole_parts_are_searched():
    grid = {"teacher": [None, SMALL]}
    search = model_selection.GridSearchCV(hashed(), grid, cv=InteractionSplit(1)).fit(ROWS)
    assert [row["teacher"] for row in search.cv_results_["params"]] == [None, SMALL]
    assert len(set(search.cv_results_["mean_test_score"])) == 2


def test_a_misspelt_name_ends_the_search():
    search = model_selection.GridSearchCV(hashed(), {"n_bit": [8]}, cv=InteractionSplit(1))
    with pytest.raises(ValueError, match="unknown parameter 'n_bit'"):
        search.fit(ROWS)


@pytest.fixture(scope="module")
def rated():
    ratings = GENERATED.user_items.copy()
    ratings.data[:] = np.random.default_rng(0).integers(1, 6, ratings.nnz)
    return ratings


@pytest.mark.parametrize("as_dataset", [False, True], ids=["matrix", "dataset"])
def test_ratings(rated, as_dataset):
    source = Dataset(user_items=GENERATED.user_items, ratings=rated) if as_dataset else rated
    search = model_selection.GridSearchCV(
        hf.create("dcf", n_bits=8, random_state=0), {"n_bits": [4, 16]}, cv=InteractionSplit(2)
    ).fit(EventRows(source))
    assert np.isfinite(search.best_score_)
    np.testing.assert_array_equal(
        search.best_estimator_.user_items_.toarray(), rated.toarray().astype(np.float32)
    )
    unrated = model_selection.cross_val_score(
        hf.create("dcf", n_bits=4, random_state=0), ROWS, cv=InteractionSplit(2)
    )
    assert search.cv_results_["mean_test_score"][0] != unrated.mean()


def test_float_factors_and_metrics_of_ones_own():
    def recall(model, held_out, y=None):
        return model.score(held_out, y)

    def ndcg(model, held_out, y=None):
        return hf.evaluate(model, model.user_items_, held_out, "ndcg@10")["ndcg@10"]

    found = model_selection.cross_validate(
        hf.create("ials", n_bits=4, random_state=0),
        ROWS,
        cv=InteractionSplit(2),
        scoring={"ndcg": ndcg, "recall": recall},
    )
    for metric in ("test_ndcg", "test_recall"):
        assert ((found[metric] > 0) & (found[metric] < 1)).all()


def test_scikit_learn_s_own_splitters():
    """Rows are pairs, so all that index rows will do, such as the publisher's split."""
    model = hf.create("ials", n_bits=4, random_state=0)
    folds = model_selection.cross_val_score(model, ROWS, cv=model_selection.KFold(3, shuffle=True))
    assert np.isfinite(folds).all()
    fold = np.where(np.arange(len(ROWS)) % 10 == 0, 0, -1)
    (published,) = model_selection.cross_val_score(
        model, ROWS, cv=model_selection.PredefinedSplit(fold)
    )
    by_hand = hf.create("ials", n_bits=4, random_state=0).fit(ROWS[fold == -1])
    assert published == by_hand.score(ROWS[fold == 0])
    train, test = model_selection.train_test_split(ROWS, random_state=0)
    assert len(train) + len(test) == len(ROWS)
    assert train.user_items.multiply(test.user_items).nnz == 0


def test_training_scores_are_undefined_and_harm_nothing():
    found = model_selection.learning_curve(
        hf.create("ials", n_bits=4, random_state=0),
        ROWS,
        None,
        cv=InteractionSplit(2),
        train_sizes=[0.5, 1.0],
    )
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[2]).all()


def test_users_as_rows_are_refused_with_the_remedy():
    search = model_selection.GridSearchCV(
        hf.create("ials", n_bits=4), {"n_bits": [4]}, cv=4, error_score="raise"
    )
    with pytest.raises(ValueError, match=r"split hf.data.EventRows\(user_items\)"):
        search.fit(GENERATED.user_items)
    with pytest.raises(TypeError, match=r"splits hf.data.EventRows\(user_items\)"):
        search.set_params(cv=InteractionSplit()).fit(GENERATED.user_items)
