# SPDX-License-Identifier: Apache-2.0
"""Names of parameters: short, unique, understood in all their spellings."""

import dataclasses

import pytest

import hashrec_fast as hf
from hashrec_fast.losses import BPR, L2, Weighted
from hashrec_fast.methods import load_recipe
from hashrec_fast.recipe import Recipe
from hashrec_fast.recipe_parameters import OWN_PARAMETERS, flat_parameters, with_parameters
from hashrec_fast.recipe_parameters.names import Names
from hashrec_fast.recipe_parameters.nodes import member_labels, snake_case
from hashrec_fast.towers import Embedding
from hashrec_fast.training import ForwardApproximation, Gradient

METHODS = hf.available_methods()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("SquaredHinge", "squared_hinge"),
        ("BPR", "bpr"),
        ("L2", "l2"),
        ("FMSquare", "fm_square"),
        ("InfoNCE", "info_nce"),
        ("NeuralNDCG", "neural_ndcg"),
        ("MultiViewALM", "multi_view_alm"),
        ("least squares", "least_squares"),
    ],
)
def test_snake_case(text, label):
    assert snake_case(text) == label


@pytest.mark.parametrize("method", METHODS)
def test_names_are_unique_and_none_means_two_things(method):
    names = Names(load_recipe(method))
    shown = [node for node in names.nodes if node.listed]
    assert len(names.listed) == len(shown)
    assert not names.listed.keys() & set(OWN_PARAMETERS)
    for name, node in names.listed.items():
        assert names.find(name) is node
        assert name.isidentifier()
        assert not name.startswith(("objective__", "constraints__", "strategy__"))
        assert "solver__" not in name
        assert not any(word.isdigit() for word in name.split("__"))


@pytest.mark.parametrize("method", METHODS)
def test_every_spelling_means_the_setting_it_was_made_for(method):
    names = Names(load_recipe(method))
    for node in names.nodes:
        by_position = "__".join(str(step) for step in node.path)
        for spelling in (by_position, node.full):
            assert names.find(spelling) is node, spelling


def test_names_of_wdcf():
    names = flat_parameters(load_recipe("wdcf"))
    assert {
        "whole_data_square__rest_weight",
        "squared_hinge__weight",
        "soft_positives__per_user",
        "schedule__soft_rounds",
        "without_teacher__least_squares__whole_data_square__rest_weight",
        "without_teacher__hinge__schedule__hard_rounds",
        "teacher__candidates",
        "teacher",
    } <= names.keys()
    assert len(hf.create("wdcf").get_params()) <= 65
    # facts, labels, parts of which only one kind is known, members that cannot be told apart
    assert not names.keys() & {"title", "schedule", "squared_hinge", "tower"}
    assert not any(name.endswith("__name") for name in names)
    assert not any(name.startswith("teacher__candidates__") for name in names)


def test_weighted_terms_are_called_by_what_they_weigh():
    assert member_labels((L2(), Weighted(loss=BPR(), weight=2.0))) == ["l2", "bpr"]
    assert member_labels((BPR(), Weighted(loss=BPR()))) == ["bpr", "weighted_bpr"]
    assert member_labels((Weighted(loss=BPR()), Weighted(loss=BPR(sharpness=1.0)))) is None
    names = flat_parameters(load_recipe("bgch"))
    assert {"bpr__sharpness", "bce__weight", "bce__on", "bce__sharpness"} <= names.keys()
    assert "bce__loss" not in names


@dataclasses.dataclass(frozen=True)
class Clashing:
    """A solver with settings that are called like others."""

    similarity: float = 1.0
    n_bits: int = 3
    rounds: int = 2


@dataclasses.dataclass(frozen=True)
class Holder:
    """A strategy."""

    solver: Clashing = dataclasses.field(default_factory=Clashing)


@dataclasses.dataclass(frozen=True)
class Plan:
    """Shaped like a recipe."""

    objective: tuple[BPR, ...] = (BPR(),)
    strategy: Holder = dataclasses.field(default_factory=Holder)
    similarity: float = 0.5


def test_clashing_names_are_written_in_full():
    names = flat_parameters(Plan())
    both = {"strategy__solver__similarity", "similarity"}
    assert both | {"strategy__solver__n_bits", "rounds", "bpr__sharpness"} <= names.keys()
    assert "n_bits" not in names
    assert with_parameters(Plan(), strategy__solver__similarity=3).strategy.solver.similarity == 3


def test_own_recipes_have_names_too():
    recipe = Recipe(
        name="Mine",
        title="t",
        venue="v",
        year=2024,
        fidelity="own",
        objective=(BPR(),),
        strategy=ForwardApproximation(solver=Gradient()),
        tower=Embedding(),
    )
    with pytest.raises(
        ValueError, match="unknown parameter 'epoch' of Mine; did you mean 'epochs'"
    ):
        with_parameters(recipe, epoch=3)
