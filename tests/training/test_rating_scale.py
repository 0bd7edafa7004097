# SPDX-License-Identifier: Apache-2.0
"""A declared rating scale is read wherever it is declared, and new rows do not bring their own."""

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.losses import BCE, MSE, Weighted
from hashrec_fast.training.rating_scale import scale_of

FACTS = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}


def ratings(low, high, n=30):
    rng = np.random.default_rng(0)
    values = rng.integers(low, high + 1, (n, n)) * (rng.random((n, n)) < 0.5)
    return sp.csr_matrix(values.astype(np.float32))


def strategy(kind):
    if kind == "proximal":
        return hf.training.Proximal(solver=hf.training.GNCCP(polish_sweeps=1))
    solver = hf.training.Gradient(sampler=hf.training.Observed(), epochs=1)
    return hf.training.ForwardApproximation(solver=solver)


def fitted(kind, objective, matrix):
    tower = None if kind == "proximal" else hf.towers.Embedding()
    recipe = hf.Recipe(
        **FACTS, feedback="explicit", objective=objective, strategy=strategy(kind), tower=tower
    )
    return hf.create(recipe, n_bits=8, random_state=0).fit(matrix, show_progress=False)


@pytest.mark.parametrize("kind", ["proximal", "gradient"])
def test_a_declared_scale_is_kept(kind):
    model = fitted(kind, (MSE(scale=(1.0, 5.0)),), ratings(2, 4))
    assert model.fitted_.facts["rating_range"] == [1.0, 5.0]
    with pytest.raises(ValueError, match="ratings must be from 3 to 5, got 2"):
        fitted(kind, (MSE(scale=(3.0, 5.0)),), ratings(2, 4))


def test_a_weighted_loss_declares_too():
    objective = (Weighted(loss=MSE(scale=(1.0, 5.0)), weight=0.5),)
    model = fitted("gradient", objective, ratings(2, 4))
    assert model.fitted_.facts["rating_range"] == [1.0, 5.0]


def test_terms_must_agree():
    objective = (MSE(scale=(0.0, 5.0)), Weighted(loss=MSE(scale=(1.0, 5.0))))
    with pytest.raises(ValueError, match=r"one rating scale, got \(0, 5\) and \(1, 5\)"):
        scale_of(objective, ratings(2, 4))
    assert scale_of((BCE(),), ratings(2, 4)).low == 2


def test_a_new_row_does_not_bring_a_scale_of_its_own():
    """The same ratings give the same code, whoever else is encoded."""
    matrix = ratings(1, 5)
    model = fitted("proximal", (MSE(),), matrix)
    row = ratings(3, 4)[:1]
    alone = model.encode_users(row)
    np.testing.assert_array_equal(model.encode_users(sp.vstack([row, matrix[:5]]))[:1], alone)
    other = row.copy()
    other.data = other.data - 2  # dislikes must not be read as the likes they were
    assert (model.encode_users(other) != alone).any()
