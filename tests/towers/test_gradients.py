# SPDX-License-Identifier: Apache-2.0
"""Every parameter of every tower learns: released code of several papers forgot some."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf

torch = pytest.importorskip("torch")

from hashrec_fast.data.side_inputs import as_side_info  # noqa: E402
from hashrec_fast.methods import load_recipe  # noqa: E402
from hashrec_fast.training import loop  # noqa: E402

METHODS = [name for name in hf.available_methods() if load_recipe(name).tower is not None]
N = 24


def interactions(explicit):
    rng = np.random.default_rng(0)
    values = rng.integers(1, 6, (N, N)) if explicit else np.ones((N, N))
    return sp.csr_matrix(values * (rng.random((N, N)) < 0.4), dtype=np.float32)


def side_info(uses):
    rng = np.random.default_rng(1)

    def drawn(*shape, share=0.4):
        return sp.csr_matrix(rng.random(shape) < share, dtype=np.float64)

    everything = {
        "item_features": [drawn(N, 5), drawn(N, 3)],
        "user_features": [drawn(N, 4)],
        "social": drawn(N, N),
        "examined": drawn(N, N),
        "timestamps": sp.csr_matrix(rng.integers(1, 99, (N, N))),
        "outfits": sp.csr_matrix(drawn(N, 12).toarray() + np.eye(N, 12) + np.eye(12)[[0]]),
        "garment_features": [drawn(12, 5), sp.csr_matrix(rng.random((12, 4)))],
        "garment_attributes": drawn(12, 3),
        "kg": rng.integers(0, N + 6, (60, 3)),
    }
    return {name: everything[name] for name in uses} or None


@pytest.mark.parametrize("name", METHODS)
def test_no_parameter_is_forgotten(name, monkeypatch):
    """Over one epoch; parameters of inputs that a batch does not hold have zeros, not None."""
    recipe = load_recipe(name)
    solver = dataclasses.replace(recipe.strategy.solver, epochs=1)
    strategy = dataclasses.replace(recipe.strategy, solver=solver)
    recipe = dataclasses.replace(recipe, strategy=strategy)
    moved, missing = {}, set()
    descend = loop._descend

    def watched(optimizer, network, cost, *rest):
        result = descend(optimizer, network, cost, *rest)
        for key, parameter in network.named_parameters():
            if parameter.grad is None:
                missing.add(key)
            else:
                moved[key] = moved.get(key, 0.0) + float(parameter.grad.abs().sum())
        return result

    monkeypatch.setattr(loop, "_descend", watched)
    model = type(hf.create(name))(recipe, n_bits=16, random_state=0, num_threads=1)
    explicit = recipe.feedback == "explicit"
    model.fit(interactions(explicit), side_info=side_info(recipe.uses), show_progress=False)
    assert not missing
    assert moved
    still = {key for key, size in moved.items() if size == 0}
    assert not still


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outfits": None}, "needs side_info"),
        ({"outfits": sp.csr_matrix(np.eye(N, 12))}, "every outfit a garment, outfit 12 has none"),
        ({"garment_features": [np.eye(12)]}, "two views, visual and textual, got 1"),
        ({"garment_features": [np.eye(9)] * 2}, r"12 rows \(one per garment\), got 9"),
        ({"garment_attributes": np.eye(9)}, r"shape \(12, any\), garments by attributes"),
        ({"garment_attributes": -np.eye(12)}, "negative value -1.0 at row 0, column 0"),
    ],
)
def test_garments_are_checked(change, message):
    recipe = load_recipe("bihgh")
    given = {k: v for k, v in ((side_info(recipe.uses) or {}) | change).items() if v is not None}
    with pytest.raises(ValueError, match=message):
        as_side_info(given, needs=recipe.needs, uses=recipe.uses, shape=(N, N), method="BIHGH")
