# SPDX-License-Identifier: Apache-2.0
"""Unusual input that every method either takes or refuses by name."""

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.recipe_parameters import flat_parameters

METHODS = [m for m in hf.available_methods() if hf.describe(m)["strategy"] != "float"]
N = 14
EPOCHS = "epochs"


def some(name, rng):
    """A small matrix and side information for it."""
    explicit = hf.describe(name)["feedback"] == "explicit"
    matrix = sp.random(N, N + 3, 0.4, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz) if explicit else np.ones(matrix.nnz)
    everything = {
        "item_features": [np.eye(N + 3), rng.random((N + 3, 2))],
        "user_features": [np.eye(N), rng.random((N, 2))],
        "social": sp.random(N, N, 0.2, format="csr", random_state=rng),
        "examined": sp.random(N, N + 3, 0.2, format="csr", random_state=rng),
        "kg": rng.integers(0, N + 6, (30, 3)),
        "timestamps": sp.random(N, N + 3, 0.5, format="csr", random_state=rng),
        "outfits": sp.csr_matrix(
            np.eye(N + 3, 8) + (rng.random((N + 3, 8)) < 0.3) + np.eye(8)[[0]]
        ),
        "garment_features": [np.eye(8), rng.random((8, 2))],
        "garment_attributes": rng.random((8, 3)) < 0.5,
    }
    uses = hf.describe(name)["side_info"]["uses"]
    return sp.csr_matrix(matrix), {key: everything[key] for key in uses}


def fit(name, matrix, side, n_bits=8, **settings):
    model = hf.create(name, n_bits=n_bits, random_state=0, **settings)
    if EPOCHS in model.get_params():
        model.set_params(**{EPOCHS: 2})  # whether it stands the input is soon seen
    return model.fit(matrix, side_info=side or None, show_progress=False)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kind", ["one pair", "one user", "one item", "one full row"])
def test_small_matrices(name, kind, rng):
    matrix, side = some(name, rng)
    dense = matrix.toarray()
    if kind == "one pair":
        dense[:] = 0
        dense[2, 3] = 1
    elif kind == "one full row":
        dense[:] = 0
        dense[2] = 1
    elif kind == "one user":
        dense = dense[:1]
        dense[0, 0] = 1
    else:
        dense = dense[:, :1]
        dense[0, 0] = 1
    n_users, n_items = dense.shape
    cut = {
        "item_features": lambda views: [view[:n_items] for view in views],
        "user_features": lambda views: [view[:n_users] for view in views],
        "social": lambda graph: graph[:n_users, :n_users],
        "examined": lambda other: other[:n_users, :n_items],
        "kg": lambda triples: triples,
        "timestamps": lambda other: other[:n_users, :n_items],
        "outfits": lambda other: other[:n_items],
        "garment_features": lambda views: views,
        "garment_attributes": lambda other: other,
    }
    side = {key: cut[key](value) for key, value in side.items()}
    model = fit(name, sp.csr_matrix(dense), side)
    ids, _ = model.recommend(0, N=n_items, filter_already_liked_items=False)
    assert sorted(ids) == list(range(n_items))


@pytest.mark.parametrize(
    "name", [m for m in METHODS if "social" in hf.describe(m)["side_info"]["uses"]]
)
@pytest.mark.parametrize("kind", ["empty", "two islands", "everyone"])
def test_social_graphs(name, kind, rng):
    matrix, side = some(name, rng)
    graph = np.zeros((N, N))
    if kind == "two islands":
        graph[:5, :5] = graph[5:9, 5:9] = 1  # and the others know nobody
    elif kind == "everyone":
        graph[:] = 1
    model = fit(name, matrix, side | {"social": sp.csr_matrix(graph)})
    assert model.user_codes_.shape == (N, 1)
    graph[12, 13] = -2
    bad = sp.csr_matrix(graph)
    with pytest.raises(ValueError, match=r"social.* negative value .* at row 12, column 13"):
        fit(name, matrix, side | {"social": bad})


@pytest.mark.parametrize("name", METHODS)
def test_features_that_are_not_numbers(name, rng):
    matrix, side = some(name, rng)
    for key in set(side) & {"item_features", "user_features", "garment_features"}:
        views = [view.copy() for view in side[key]]
        views[1][4, 1] = np.nan
        with pytest.raises(ValueError, match=rf"{key}'\]\[1\] .*NaN .* row 4, column 1"):
            fit(name, matrix, side | {key: views})
        with pytest.raises(TypeError, match=key):
            fit(name, matrix, side | {key: "features"})


@pytest.mark.parametrize("name", METHODS)
def test_negative_weights(name, rng):
    matrix, side = some(name, rng)
    recipe = hf.create(name).recipe
    weights = [
        key
        for key, value in flat_parameters(recipe).items()
        if key.rsplit("__", 1)[-1] in {"weight", "alpha", "beta"} and isinstance(value, float)
    ]
    for key in weights:
        for value in (-1.0, np.nan):
            last = key.rsplit("__", 1)[-1]
            with pytest.raises(ValueError, match=rf"{last}.* must be .*(at least|above) 0"):
                fit(name, matrix, side, **{key: value})


SCALED = {
    name: key
    for name in METHODS
    for key in hf.create(name).get_params()
    if key.endswith("__scale") and not key.startswith("gradient")
}


@pytest.mark.parametrize("name", SCALED)
def test_declared_scale(name, rng):
    matrix, side = some(name, rng)
    scale = SCALED[name]
    if hf.describe(name)["feedback"] != "explicit":
        pytest.skip("implicit feedback has no scale")
    fit(name, matrix, side, **{scale: (0, 5)})
    with pytest.raises(
        ValueError, match=r"ratings must be from 2 to 4, got [15] at user \d+, item"
    ):
        fit(name, matrix, side, **{scale: (2, 4)})
