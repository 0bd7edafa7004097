# SPDX-License-Identifier: Apache-2.0
"""Rows that were not there in training, for methods that follow gradients."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.retrieval.similarities import Cosine
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.training import new_rows

RIDGE, REST = new_rows.RIDGE, new_rows.FACTORS_REST


def model(name, data, n_bits=16, **settings):
    settings = {"epochs": 20, "learning_rate": 0.03} | settings
    made = hf.create(name, n_bits=n_bits, random_state=0, num_threads=1, **settings)
    return made.fit(data, show_progress=False)


@pytest.fixture(scope="module")
def data():
    made = hf.data.generate(n_users=150, n_items=120, random_state=0)
    train, _, test = hf.data.split(made, "random", (0.8, 0.0, 0.2), random_state=0)
    return train.user_items, test.user_items


def ridge_rows(rows, other, targets, rest):
    """One row after the other, with weights of all pairs."""
    other = other.astype(np.float64)
    ridge = RIDGE * (other**2).sum(1).mean() + 1e-6
    found = []
    for r in range(rows.shape[0]):
        weight, wanted = np.full(len(other), rest), np.zeros(len(other))
        part = slice(rows.indptr[r], rows.indptr[r + 1])
        weight[rows.indices[part]], wanted[rows.indices[part]] = 1, targets[part]
        left = (other * weight[:, None]).T @ other + ridge * np.eye(other.shape[1])
        found.append(np.linalg.solve(left, other.T @ (weight * wanted)))
    return np.array(found)


@pytest.mark.parametrize("side", ["user", "item"])
def test_factors_are_the_ridge_solution(data, side):
    train, _ = data
    fitted = model("mf_bpr", train)
    rows = train if side == "user" else train.T.tocsr()
    got = fitted.encode_users(rows) if side == "user" else fitted.encode_items(rows)
    other = fitted.item_factors_ if side == "user" else fitted.user_factors_
    expected = ridge_rows(rows, other, np.ones(rows.nnz), REST)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_ratings_are_their_own_targets(rng):
    rows = sp.random(9, 30, 0.3, format="csr", random_state=rng)
    rows.data = rng.integers(1, 6, rows.nnz).astype(np.float64)
    other = rng.standard_normal((30, 5))
    targets = RatingScale(1.0, 5.0).targets(rows, 1)
    np.testing.assert_allclose(targets, (rows.data - 3) / 2)
    np.testing.assert_allclose(
        new_rows._factors(rows, other, targets, 0.0), ridge_rows(rows, other, targets, 0.0)
    )


@pytest.mark.parametrize("name", ["mf_bpr", "lightgcn", "hashrec", "srloss"])
def test_a_row_is_its_own_affair(data, name, rng):
    train, _ = data
    fitted = model(name, train, n_bits=33, epochs=3)
    whole = fitted.encode_users(train)
    order = rng.permutation(train.shape[0])
    np.testing.assert_array_equal(fitted.encode_users(train[order]), whole[order])
    for user in order[:20]:
        np.testing.assert_array_equal(fitted.encode_users(train[user]), whole[user : user + 1])
    nothing = fitted.encode_users(sp.csr_matrix((2, train.shape[1])))
    assert (nothing[0] == nothing[1]).all()
    for threads in (1, 2, 3):
        fitted.set_params(num_threads=threads)
        np.testing.assert_array_equal(fitted.encode_users(train), whole)


@pytest.mark.parametrize("name", ["mf_bpr", "hashrec", "srloss"])
@pytest.mark.parametrize("side", ["user", "item"])
def test_new_rows_are_nearly_as_good_as_trained_ones(data, name, side):
    train, test = data
    fitted = model(name, train, n_bits=32)
    rows = {"user": fitted.fitted_.user, "item": fitted.fitted_.item}
    trained = hf.evaluate((rows["user"], rows["item"]), train, test, "recall@20")
    new = fitted.encode_users(train) if side == "user" else fitted.encode_items(train.T.tocsr())
    rows |= {side: new}
    found = hf.evaluate((rows["user"], rows["item"]), train, test, "recall@20")
    assert found["recall@20"] > 0.8 * trained["recall@20"]


def test_cosine_rows_have_length_one(data):
    train, _ = data
    made = hf.create("mf_bpr", n_bits=8, random_state=0, epochs=2)
    made.recipe = dataclasses.replace(made.recipe, similarity=Cosine())
    made.fit(train, show_progress=False)
    for rows in (made.user_factors_, made.encode_users(train), made.encode_items(train.T.tocsr())):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
