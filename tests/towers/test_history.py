# SPDX-License-Identifier: Apache-2.0
"""History towers: exported rows are exact, new rows equal training rows, gradients reach all."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
import torch

import hashrec_fast as hf
from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.methods import load_recipe
from hashrec_fast.recipe_json import from_json, to_json
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.towers import History
from hashrec_fast.towers.base import TowerData
from hashrec_fast.training.cost import cost_of
from hashrec_fast.training.step import StepView

METHODS = (
    "aecf", "aecf_st", "aecf_sst", "ccsr", "ccsr_st", "ccsr_sst",
    "djsrh", "djsrh_st", "djsrh_sst", "bivae", "bivae_b", "hcfrec", "hcfrec_no_c",
)  # fmt: skip


def ratings(n_users=23, n_items=17, seed=0):
    """Ratings of about a third of all pairs; one user and one item have none."""
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, (n_users, n_items)) * (rng.random((n_users, n_items)) < 0.35)
    values[4], values[:, 6] = 0, 0
    return sp.csr_matrix(values.astype(np.float32))


def network(tower, matrix, n_bits=9, seed=0):
    torch.manual_seed(seed)
    return tower.build(TowerData(matrix, SideInfo(), n_bits))


TOWERS = {
    "relu": History(hidden=(8,)),
    "deep": History(hidden=(12, 8), activation="tanh", dropout=0.5, input_dropout=0.5),
    "unit": History(hidden=(8,), unit_rows=True, start_deviation=1.0),
    "flow": History(hidden=(8,), activation="tanh", variational=True, flow_steps=3),
}


@pytest.mark.parametrize("name", TOWERS)
@pytest.mark.parametrize("side", ["user", "item"])
def test_exported_rows_are_the_networks_own(name, side):
    """Against dense layers of torch; dropout and draws belong to training."""
    tower, matrix = TOWERS[name], ratings()
    net = network(tower, matrix)
    part = net.sides[side]
    rows = torch.from_numpy((matrix if side == "user" else matrix.T).toarray()) / 5
    if tower.unit_rows:
        rows = torch.nn.functional.normalize(rows)
    act = torch.relu if tower.activation == "relu" else torch.tanh
    with torch.no_grad():
        hidden = act(rows @ part.table + part.bias)
        for layer in part.layers:
            hidden = act(layer(hidden))
        expected = part.head(hidden)
        if part.flow is not None:
            expected, _ = part.flow(expected)
        net.eval()
        net.begin()
        found = net.encode(side, torch.arange(len(rows)))
        net.end()
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    assert not torch.equal(found, torch.zeros_like(found))


@pytest.mark.parametrize("name", ["relu", "unit", "deep"])
def test_the_step_sees_what_is_exported(name):
    """Without dropout a training step encodes as an export does, empty rows as well."""
    tower = dataclasses.replace(TOWERS[name], dropout=0.0, input_dropout=0.0)
    net = network(tower, ratings())
    places = torch.tensor([4, 0, 22])
    with torch.no_grad():
        trained = net.encode("user", places)
        net.eval()
        torch.testing.assert_close(net.encode("user", places), trained, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", TOWERS)
def test_a_rows_vector_is_its_own_affair(name):
    """Bit by bit the same alone, in any company and from a loaded file's arrays."""
    tower, matrix = TOWERS[name], ratings(300, 70)
    net = network(tower, matrix, n_bits=33)
    arrays = net.arrays()
    for side, rows in (("user", matrix), ("item", matrix.T.tocsr())):
        whole = tower.encode_rows(rows, side, arrays)
        assert whole.dtype == np.float32
        for chosen in ([5], [6, 5], list(range(60, 3, -1))):
            np.testing.assert_array_equal(
                tower.encode_rows(rows[chosen], side, arrays), whole[chosen]
            )


@pytest.mark.parametrize("name", METHODS)
def test_new_rows_equal_training_rows(name):
    recipe = load_recipe(name)
    matrix = ratings(40, 30)
    if recipe.feedback == "implicit":
        matrix = sp.csr_matrix((matrix > 0).astype(np.float32))
    model = hf.create(name, n_bits=20, random_state=1, epochs=2)
    model.fit(matrix, show_progress=False)
    users, items = model.encode_users(matrix), model.encode_items(matrix.T.tocsr())
    np.testing.assert_array_equal(users, model.fitted_.user)
    np.testing.assert_array_equal(items, model.fitted_.item)
    np.testing.assert_array_equal(model.encode_users(matrix[3]), model.fitted_.user[3:4])


@pytest.mark.parametrize("name", METHODS)
def test_gradients_reach_every_parameter(name):
    recipe, matrix = load_recipe(name), ratings(60, 50)
    solver, terms = recipe.strategy.solver, recipe.terms()
    tower = dataclasses.replace(recipe.tower, dropout=0.0, input_dropout=0.0)
    net = network(tower, matrix, n_bits=8)
    binarizer = getattr(recipe.strategy, "activation", None) or recipe.strategy.gradient
    step = hf.binarizers.Step(epochs=2)
    net.train()
    for batch in solver.sampler.batches(matrix, np.random.default_rng(0)):
        view = StepView(net, batch, step, binarizer, terms.similarity, RatingScale.of(matrix))
        cost_of(terms, view).backward()
        net.end()
    for parameter, values in net.named_parameters():
        assert values.grad is not None, parameter
        assert torch.isfinite(values.grad).all(), parameter
        assert values.grad.abs().sum() > 0, parameter


@pytest.mark.parametrize("waiting", ["draw", "mean"])
def test_rows_that_wait_stay_until_their_side_learns(waiting):
    tower, rows = dataclasses.replace(TOWERS["flow"], waiting=waiting), torch.arange(17)
    net = network(tower, ratings())
    net.eval()
    exported = net.encode("item", rows)
    net.train()
    first = net.encode_waiting("item", rows)
    assert not first.requires_grad
    net.encode("user", torch.arange(5))
    assert net.encode_waiting("item", rows) is first
    assert len(net.encode_waiting("item", rows[:4])) == 4
    first = net.encode_waiting("item", rows)
    net.encode("item", rows[:2])
    second = net.encode_waiting("item", rows)
    assert second is not first
    assert torch.equal(second, first) == (waiting == "mean")
    assert torch.allclose(first, exported, atol=1e-4) == (waiting == "mean")


def test_reconstruction_error_and_cosines_equal_dense_ones():
    matrix = ratings()
    net = network(History(hidden=(8,), decoder=(6,)), matrix)
    rows = torch.tensor([1, 4, 20])
    dense = torch.from_numpy(matrix.toarray())[rows] / 5
    with torch.no_grad():
        real = net.encode("user", rows)
        decoder = net.sides["user"].decoder
        decoded = decoder[1](torch.relu(decoder[0](real)))
        error = net.reconstruction_error("user", rows, real)
    torch.testing.assert_close(error, (dense - decoded).square().sum(), rtol=1e-4, atol=1e-4)
    unit = torch.nn.functional.normalize(dense)
    torch.testing.assert_close(net.cosines("user", rows), unit @ unit.T)


def test_wrong_settings_say_so():
    for settings, word in (
        ({"hidden": ()}, "encoder needs a hidden layer"),
        ({"activation": "swish"}, "'relu', 'tanh'"),
        ({"dropout": 1.0}, "dropout must be below 1"),
        ({"flow_steps": 2}, "without variational"),
        ({"waiting": "zero"}, "'draw', 'mean'"),
    ):
        with pytest.raises(ValueError, match=word):
            History(**settings)
    net = network(History(), ratings())
    real = net.encode("user", torch.arange(3))
    with pytest.raises(ValueError, match="no decoder"):
        net.reconstruction_error("user", torch.arange(3), real)
    with pytest.raises(ValueError, match="draws no rows"):
        net.latent("user")
    tower = History(hidden=(7, 5), decoder=(3,))
    assert from_json(to_json(tower)) == tower


def test_relaxed_values_are_those_of_the_last_slope():
    matrix = ratings()
    model = hf.create("ccsr_st", n_bits=12, random_state=0, epochs=3)
    model.fit(matrix, show_progress=False)
    assert np.abs(model.fitted_.user).max() <= 1
    arrays = {k[6:]: v for k, v in model.fitted_.arrays.items() if k.startswith("tower_")}
    real = model.recipe.tower.encode_rows(matrix, "user", arrays)
    end = model.recipe.strategy.activation.schedule.end
    np.testing.assert_allclose(model.fitted_.user, np.tanh(end * real), rtol=1e-5, atol=1e-6)
