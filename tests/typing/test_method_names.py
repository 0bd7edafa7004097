# SPDX-License-Identifier: Apache-2.0
"""Type checkers know a method's class by its name: the names must be those of the recipes."""

from typing import get_args

import pytest
from method_names import FILE, render

import hashrec_fast as hf
from hashrec_fast.methods._names import FloatMethod, HashMethod


def test_names_are_those_of_the_recipes():
    assert FILE.read_text(encoding="utf-8") == render(), (
        f"{FILE.name} is out of date; run `python tests/typing/method_names.py`"
    )
    assert sorted(get_args(HashMethod) + get_args(FloatMethod)) == hf.available_methods()


@pytest.mark.parametrize("name", get_args(FloatMethod))
def test_float_methods_make_float_models(name):
    assert type(hf.create(name)) is hf.FloatRecommender


def test_another_strategy_changes_the_class():
    codes, factors = (hf.create(name).recipe.strategy for name in ("hashrec", "mf_bpr"))
    assert type(hf.create("hashrec", strategy=factors)) is hf.FloatRecommender
    assert type(hf.create("mf_bpr", strategy=codes)) is hf.HashRecommender


def test_a_recipe_stands_for_its_name():
    made = hf.create(hf.methods.load_recipe("dcf"), n_bits=8)
    assert type(made) is hf.HashRecommender
    assert made.get_params() == hf.create("dcf", n_bits=8).get_params()
    with pytest.raises(ValueError, match="unknown parameter"):
        hf.create(made.recipe, no_such_part=1)
