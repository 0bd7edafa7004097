# SPDX-License-Identifier: Apache-2.0
import tracemalloc

import numpy as np
import pytest
from scipy.sparse.linalg import svds

from hashrec_fast.data import generate, split, synthetic


def recall_at_20(scores, train, test):
    scores[train.toarray() > 0] = -np.inf
    top = np.argpartition(-scores, 20, axis=1)[:, :20]
    liked = test.toarray() > 0
    some = liked.any(axis=1)
    return (np.take_along_axis(liked, top, 1).sum(1)[some] / liked.sum(1)[some]).mean()


@pytest.mark.parametrize("exact", [8192, 100])
def test_factors_clearly_beat_popularity(exact, monkeypatch):
    monkeypatch.setattr(synthetic, "_EXACT", exact)
    train, _, test = split(generate(), "random", (0.8, 0.2))
    x, held = train.user_items, test.user_items
    popularity = np.maximum(np.asarray(x.sum(axis=0)).ravel(), 1)
    u, s, vt = svds(x.multiply(popularity**-0.4).tocsr(), k=24, random_state=0)
    factors = recall_at_20((u * s) @ vt * popularity**0.4, x, held)
    popular = recall_at_20(np.tile(popularity.astype(float), (x.shape[0], 1)), x, held)
    assert popular > 3 * 20 / 3000  # popularity tells something ...
    assert factors > 1.6 * popular  # ... and tastes tell much more


@pytest.mark.parametrize("exact", [8192, 100])
def test_shape_of_the_data(exact, monkeypatch):
    monkeypatch.setattr(synthetic, "_EXACT", exact)
    ds = generate(1500, 1000, mean_interactions=20, random_state=4)
    counts = np.diff(ds.user_items.indptr)
    assert counts.mean() == pytest.approx(20, rel=0.06)
    assert counts.min() >= 1
    assert np.log(counts).std() == pytest.approx(0.7, abs=0.1)
    assert ds.n_duplicates == 0
    popularity = np.sort(np.bincount(ds.user_items.indices, minlength=1000))[::-1]
    share = popularity[:100].sum() / popularity.sum()
    assert 0.3 < share < 0.6
    flat = generate(1500, 1000, mean_interactions=20, popularity_exponent=0, random_state=4)
    even = np.sort(np.bincount(flat.user_items.indices, minlength=1000))[::-1]
    assert even[:100].sum() / even.sum() < 0.7 * share


def test_same_seed_same_data():
    for n_items in (90, 9000):
        first, again, other = (
            generate(40, n_items, mean_interactions=7, with_ratings=True, random_state=seed)
            for seed in (7, 7, 8)
        )
        assert (first.user_items != again.user_items).nnz == 0
        assert (first.ratings != again.ratings).nnz == 0
        assert (first.item_features != again.item_features).nnz == 0
        assert (first.user_items != other.user_items).nnz > 0


def test_extras():
    ds = generate(200, 100, n_features=8, with_ratings=True, with_timestamps=True)
    assert set(ds.ratings.data.tolist()) == {1, 2, 3, 4, 5}
    assert np.bincount(ds.ratings.data.astype(int))[1:].min() > 0.15 * ds.n_interactions
    assert ds.item_features.shape == (100, 8)
    assert ds.user_features.shape == (200, 8)
    assert len(np.unique(ds.timestamps.data)) > 0.99 * ds.n_interactions
    assert generate(20, 10, n_features=0).item_features is None


def test_features_tell_tastes():
    ds = generate(500, 400, popularity_exponent=0, noise=0.0)
    users = 2 * ds.user_features.toarray() - 1
    items = 2 * ds.item_features.toarray() - 1
    agreement = users @ items.T
    assert agreement[ds.user_items.nonzero()].mean() > agreement.mean() + 4


def test_memory_is_far_below_users_times_items():
    tracemalloc.start()
    generate(3000, 30_000, mean_interactions=5, n_features=4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3000 * 30_000 * 4 / 1.5  # the dense float32 array would be 360 MB


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1), (3, 2)])
def test_tiny(size):
    ds = generate(*size, mean_interactions=40)
    assert ds.user_items.shape == size
    assert ds.n_interactions >= size[0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_users": 0}, ValueError, "n_users must be at least 1"),
        ({"n_items": 2.5}, TypeError, "n_items must be an integer"),
        ({"noise": -1}, ValueError, "noise must be a finite number from 0, got -1"),
        ({"mean_interactions": float("nan")}, ValueError, "mean_interactions must be a finite"),
        ({"n_features": -1}, ValueError, "n_features must be at least 0"),
        ({"random_state": "x"}, TypeError, "random_state"),
    ],
)
def test_bad_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        generate(**arguments)
