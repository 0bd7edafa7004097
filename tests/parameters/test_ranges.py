# SPDX-License-Identifier: Apache-2.0
"""Ranges of all parameters of all methods, checked when a model is made or changed."""

import math

import numpy as np
import pytest

import hashrec_fast as hf
from hashrec_fast import hints
from hashrec_fast.methods import load_recipe
from hashrec_fast.ranges import Interval
from hashrec_fast.recipe import Recipe
from hashrec_fast.recipe_parameters.names import Names
from hashrec_fast.recipe_parameters.own import OwnParameters

METHODS = hf.available_methods()


def numbers(hint):
    """Type and interval of a number, None of what is no number."""
    base, notes = hints.split(hints.without_none(hint))
    if base not in (int, float):
        base, notes = hints.split(hint)
    if base not in (int, float):
        return None
    intervals = [note for note in notes if isinstance(note, Interval)]
    return base, (intervals or [Interval()])[0]


def settable(method):
    """(name, hint) of each parameter of a method."""
    yield from hints.field_hints(OwnParameters).items()
    for name, node in Names(load_recipe(method)).listed.items():
        yield name, node.hint


def outside(kind, interval):
    """Values just outside of an interval."""
    step = 1 if kind is int else 1e-9
    if math.isfinite(interval.low):
        yield kind(interval.low) if interval.low_open else kind(interval.low) - step
    if math.isfinite(interval.high):
        yield kind(interval.high) if interval.high_open else kind(interval.high) + step


def edges(kind, interval):
    """Values just inside of an interval."""
    step = 1 if kind is int else 1e-9
    if math.isfinite(interval.low):
        yield kind(interval.low) + step if interval.low_open else kind(interval.low)
    if math.isfinite(interval.high):
        yield kind(interval.high) - step if interval.high_open else kind(interval.high)


@pytest.mark.parametrize("method", METHODS)
def test_numbers_outside_are_refused_by_name(method):
    found = 0
    for name, hint in settable(method):
        if numbers(hint) is None:
            continue
        for value in outside(*numbers(hint)):
            with pytest.raises(ValueError, match=rf"^{name} must be .*, got {value}"):
                hf.create(method, **{name: value})
            found += 1
    assert found >= 5


@pytest.mark.parametrize("method", METHODS)
def test_numbers_at_the_edge_are_taken(method):
    for name, hint in settable(method):
        if numbers(hint) is None:
            continue
        for value in edges(*numbers(hint)):
            assert hf.create(method, **{name: value}).get_params()[name] == value


@pytest.mark.parametrize("method", METHODS)
def test_other_types_are_refused_by_name(method):
    for name, hint in settable(method):
        wrong = [object()]
        if numbers(hint) is not None:
            wrong += ["1", True, (1,)]
        if hint is bool:
            wrong += [1, 0.0, "true", None]
        if hints.split(hint)[0] is int:
            wrong += [1.0, 2.5, None]
        for value in wrong:
            with pytest.raises((TypeError, ValueError), match=rf"^{name} must be "):
                hf.create(method, **{name: value})
        if numbers(hint) is not None and numbers(hint)[0] is float:
            for value in (math.nan, math.inf, -math.inf, np.float32("nan")):
                with pytest.raises(ValueError, match=rf"^{name} must be .*finite, got"):
                    hf.create(method, **{name: value})


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_bits": 0}, ValueError, "n_bits must be at least 1, got 0"),
        ({"n_bits": 4097}, ValueError, "n_bits must be at most 4096, got 4097"),
        ({"n_bits": 8.0}, TypeError, "n_bits must be an integer of at least 1 and at most 4096"),
        ({"num_threads": -1}, ValueError, "num_threads must be at least 0, got -1"),
        ({"random_state": -1}, ValueError, "random_state must be at least 0, got -1"),
        ({"random_state": "0"}, TypeError, "random_state must be None or an integer of at least 0"),
        ({"device": 0}, TypeError, "device must be a device of torch"),
        ({"index": "faiss"}, ValueError, "index must be one of 'linear_scan'"),
        ({"index": None}, ValueError, "index must be one of 'linear_scan'"),
    ],
)
def test_parameters_of_every_model(settings, error, message):
    with pytest.raises(error, match=message):
        hf.create("dcf", **settings)
    model = hf.create("dcf")
    before = model.get_params()
    with pytest.raises(error, match=message):
        model.set_params(**settings)
    assert model.get_params() == before


def test_float_methods_know_one_index():
    with pytest.raises(ValueError, match=r"index must be one of \('linear_scan',\) for LightGCN"):
        hf.create("lightgcn", index="hash_table")


def test_generators_are_seeds_too():
    rng = np.random.default_rng(0)
    assert hf.create("dcf", random_state=rng).random_state is rng


def test_init_only_stores():
    """As scikit-learn's rule is; ``fit`` looks again."""
    model = type(hf.create("dcf"))(load_recipe("dcf"), n_bits=-3)
    assert model.n_bits == -3
    with pytest.raises(ValueError, match="n_bits must be at least 1, got -3"):
        model.fit(np.eye(4))


def test_recipes_made_by_hand_are_checked():
    from hashrec_fast.losses import BPR, L2
    from hashrec_fast.towers import Embedding
    from hashrec_fast.training import ForwardApproximation, Gradient

    def recipe(**parts):
        return Recipe(
            name="Mine",
            title="t",
            venue="v",
            year=2024,
            fidelity="own",
            strategy=ForwardApproximation(solver=Gradient()),
            tower=Embedding(),
            **{"objective": (BPR(),)} | parts,
        )

    with pytest.raises(ValueError, match="l2__weight must be at least 0, got -1"):
        recipe(constraints=(L2(weight=-1),))
    with pytest.raises(TypeError, match="bpr__sharpness must be a number above 0, got 'x'"):
        recipe(objective=(BPR(sharpness="x"),))
    with pytest.raises(TypeError, match="teacher must be None or a part, got 3"):
        recipe(teacher=3)
    assert recipe(constraints=(L2(weight=np.float32(0.5)),)).constraints[0].weight == 0.5
