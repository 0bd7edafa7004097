# SPDX-License-Identifier: Apache-2.0
"""Setting parameters: by all names, of new parts, and what is refused."""

import numpy as np
import pytest

import hashrec_fast as hf
from hashrec_fast.losses import BPR, L2, SquaredHinge, WholeDataSquare
from hashrec_fast.methods import load_recipe
from hashrec_fast.recipe_json import from_json, to_json
from hashrec_fast.recipe_parameters import flat_parameters, with_parameters
from hashrec_fast.solvers import WholeDataDCD
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, Gradient, OneStage

METHODS = hf.available_methods()


@pytest.mark.parametrize("method", METHODS)
def test_everything_set_to_what_it_is_gives_an_equal_recipe(method):
    recipe = load_recipe(method)
    parameters = flat_parameters(recipe)
    assert with_parameters(recipe, **parameters) == recipe
    for name, value in parameters.items():
        assert with_parameters(recipe, **{name: value}) == recipe, name
    model = hf.create(method)
    assert model.set_params(**model.get_params()).get_params() == model.get_params()


@pytest.mark.parametrize("method", METHODS)
def test_each_number_is_found_again_under_its_name(method):
    recipe = load_recipe(method)
    before = flat_parameters(recipe)
    for name, value in before.items():
        if type(value) not in (int, float):
            continue
        other = value + 1 if isinstance(value, int) else value * 1.0625 or 0.125
        try:
            changed = with_parameters(recipe, **{name: other})
        except ValueError:  # out of its range, or at odds with another setting
            continue
        found = flat_parameters(changed)
        apart = {key for key in found if found[key] != before[key]}
        assert found[name] == other
        parts = {key for key in apart if not isinstance(found[key], (int, float))}
        assert apart - parts == {name}


@pytest.mark.parametrize(
    ("method", "short", "others"),
    [
        (
            "wdcf",
            "squared_hinge__weight",
            ("objective__1__weight", "objective__squared_hinge__weight"),
        ),
        (
            "wdcf",
            "without_teacher__hinge__schedule__hard_rounds",
            (
                "strategy__solver__without_teacher__1__schedule__hard_rounds",
                "solver__without_teacher__hinge__schedule__hard_rounds",
            ),
        ),
        ("lightgcn", "epochs", ("strategy__solver__epochs", "solver__epochs", "strategy__epochs")),
        ("lightgcn", "l2__weight", ("constraints__0__weight", "constraints__l2__weight")),
        ("bgch", "bce__sharpness", ("objective__1__loss__sharpness", "bce__loss__sharpness")),
        ("bigear", "teacher__epochs", ("teacher__solver__epochs",)),
    ],
)
def test_old_names_are_understood_but_not_listed(method, short, others):
    recipe = load_recipe(method)
    wanted = with_parameters(recipe, **{short: 7})
    assert flat_parameters(wanted)[short] == 7
    for name in others:
        assert with_parameters(recipe, **{name: 7}) == wanted
        assert name not in flat_parameters(recipe)
        with pytest.raises(ValueError, match=f"'{short}' and '{name}' are one parameter"):
            with_parameters(recipe, **{short: 7, name: 8})


def test_members_that_cannot_be_told_apart():
    recipe = load_recipe("wdcf")
    first, second, third = recipe.teacher.candidates
    changed = with_parameters(recipe, teacher__candidates__1__alpha=5)
    assert changed.teacher.candidates[1].alpha == 5
    assert changed.teacher.candidates[::2] == (first, third)
    assert with_parameters(recipe, teacher__candidates=[second]).teacher.candidates == (second,)


def test_whole_parts_and_what_is_then_inside_them():
    recipe = load_recipe("wdcf")
    assert with_parameters(recipe, teacher=None).teacher is None
    objective = (WholeDataSquare(), SquaredHinge(margin=0.2))
    changed = with_parameters(recipe, squared_hinge__weight=2, objective=objective)
    assert changed.objective == (WholeDataSquare(), SquaredHinge(margin=0.2, weight=2.0))
    assert with_parameters(recipe, squared_hinge=SquaredHinge(weight=9)).objective[1].weight == 9
    changed = with_parameters(
        recipe, strategy=OneStage(solver=WholeDataDCD()), schedule__sweeps=1, validation_k=7
    )
    assert changed.strategy.solver.schedule.sweeps == 1
    assert changed.strategy.solver.validation_k == 7
    recipe = load_recipe("ccsr")
    changed = with_parameters(
        recipe,
        sampler__users=5,  # of the sampler of the solver given with it
        solver=Gradient(epochs=3),
        sampler=Blocks(items=7),
        tower=History(hidden=(4,), decoder=()),
        tower__dropout=0.5,
    )
    assert changed.strategy.solver == Gradient(epochs=3, sampler=Blocks(users=5, items=7))
    assert changed.tower == History(hidden=(4,), decoder=(), dropout=0.5)


def test_settings_that_belong_together_change_together():
    """Each alone would be refused by the part itself."""
    recipe = load_recipe("bihgh")
    with pytest.raises(ValueError, match=r"^activation__schedule__kind: an exponential .* end > 0"):
        with_parameters(recipe, activation__schedule__kind="exponential")
    changed = with_parameters(
        recipe, activation__schedule__kind="exponential", activation__schedule__end=2
    )
    assert changed.strategy.activation.schedule.end == 2.0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("squared_hing__weight", "; did you mean 'squared_hinge__weight'?"),
        ("strategy__solver__schedule__hard_round", "; did you mean 'schedule__hard_rounds'?"),
        ("objective__9__weight", "'squared_hinge__weight' or 'soft_positives__weight'"),
        ("nbits", "; did you mean 'n_bits'?"),
        ("tower__hidden", ": tower is None, which has no parameters"),
        ("validation_k__x", ": validation_k is 50, which has no parameters"),
        ("title", "unknown"),
        ("qqqqqqqqq", "wdcf; hf.parameters"),
    ],
)
def test_unknown_names(name, message):
    with pytest.raises(ValueError, match="unknown parameter") as caught:
        hf.create("wdcf", **{name: 1})
    text = str(caught.value)
    assert f"unknown parameter '{name}' of wdcf" in text
    assert message in text
    assert 'hf.parameters("wdcf") lists all' in text or "has no parameters" in text
    model = hf.create("wdcf")
    with pytest.raises(ValueError, match=f"unknown parameter '{name}' of WDCF"):
        model.set_params(**{name: 1})


def test_rules_of_parts_and_recipes_are_told_with_the_name():
    recipe = load_recipe("ccsr")
    with pytest.raises(ValueError, match=r"^metric: unknown metric 'nope'; available: recall"):
        with_parameters(recipe, metric="nope")
    with pytest.raises(ValueError, match=r"^strategy__solver__metric: recall needs a cutoff"):
        with_parameters(recipe, strategy__solver__metric="recall")
    with pytest.raises(ValueError, match=r"^tower__flow_steps: flow_steps must be 0 without"):
        with_parameters(recipe, tower__flow_steps=2)
    with pytest.raises(ValueError, match="follows gradients, so it needs a tower; got None"):
        with_parameters(recipe, tower=None)


def test_a_refused_change_changes_nothing():
    model = hf.create("wdcf")
    before = model.get_params()
    for wrong in ({"squared_hinge__weight": -1}, {"num_threads": -1}, {"no_such": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            model.set_params(n_bits=8, schedule__sweeps=1, **wrong)
        assert model.get_params() == before


def test_numpy_scalars_become_plain_numbers():
    model = hf.create(
        "wdcf",
        n_bits=np.int64(32),
        squared_hinge__weight=np.float32(0.5),
        schedule__sweeps=np.uint8(2),
        random_state=np.int32(3),
    )
    found = model.get_params()
    assert type(found["n_bits"]) is type(found["random_state"]) is int
    assert type(found["squared_hinge__weight"]) is float
    assert type(found["schedule__sweeps"]) is int
    assert type(with_parameters(model.recipe, squared_hinge__weight=1).objective[1].weight) is float


def test_numpy_scalars_in_parts_made_by_hand_are_saved():
    saved = to_json((BPR(sharpness=np.float64(2)), L2(weight=np.float32(0.5))))
    assert from_json(saved) == (BPR(sharpness=2.0), L2(weight=0.5))
    assert type(saved[1]["weight"]) is float
