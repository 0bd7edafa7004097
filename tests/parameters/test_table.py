# SPDX-License-Identifier: Apache-2.0
"""The rows that say what can be set."""

import dataclasses
import importlib

import pytest

import hashrec_fast as hf
from hashrec_fast import hints
from hashrec_fast.methods import load_recipe, parameters
from hashrec_fast.recipe_parameters import recipe_rows
from hashrec_fast.recipe_parameters.table import meanings

METHODS = hf.available_methods()


@pytest.mark.parametrize("method", METHODS)
def test_rows_are_complete(method):
    rows = parameters(method)
    names = [row.name for row in rows]
    assert [name for name in hf.create(method).get_params() if name != "recipe"] == names
    for row in rows:
        assert row.meaning, row.name
        assert row.range, row.name
        assert "\n" not in row.meaning
        assert len(row.meaning) < 200, row.meaning
        assert not {"``", ":class:", "None."} & set(row.meaning.split())
        assert row.range != "anything", row.name
    few = [row.name for row in rows if row.matters]
    assert 2 <= len(few) <= 8, few
    assert "n_bits" in few


def test_rows_of_wdcf():
    rows = {row.name: row for row in parameters("wdcf")}
    assert rows["n_bits"].range == "1 .. 4096"
    assert rows["squared_hinge__weight"].default == 0.3
    assert rows["squared_hinge__weight"].range == ">= 0"
    assert rows["squared_hinge__weight"].meaning.startswith("Weight of the hinge")
    assert rows["index"].range == "one of 'linear_scan', 'hash_table', 'multi_index'"
    assert rows["teacher"].range == "None or a part"
    assert rows["teacher"].default_text == "Teacher(...)"
    assert {name for name, row in rows.items() if row.matters} == {
        "n_bits",
        "whole_data_square__rest_weight",
        "squared_hinge__weight",
        "soft_positives__weight",
        "schedule__soft_rounds",
        "teacher",
    }


def test_a_row_s_range_is_what_the_method_allows():
    rows = {row.name: row for row in parameters("lightgcn")}
    assert rows["index"].range == "one of 'linear_scan'"
    assert rows["metric"].range == "a metric, as 'recall@50' or 'ndcg@10'"
    assert rows["tower__mode"].range == "one of 'light', 'ngcf'"
    assert rows["candidates"].range == "one of 'all', 'test'"


def test_methods_recipes_and_models():
    assert parameters("dcf") == parameters(load_recipe("dcf")) == parameters("DCF")
    model = hf.create("dcf", n_bits=12, rounds=3)
    rows = {row.name: row.default for row in parameters(model)}
    assert rows["n_bits"] == 12
    assert rows["rounds"] == 3
    with pytest.raises(ValueError, match="unknown method 'x'"):
        parameters("x")


def test_methods_are_found_by_the_labels_that_messages_show():
    for method in METHODS:
        recipe = load_recipe(method)
        assert load_recipe(recipe.name) is recipe


def test_printed():
    lines = repr(parameters("wdcf")).splitlines()
    assert lines[0] == "those that matter most:"
    assert lines[1].split() == ["n_bits", "=", "64", "1", "..", "4096"]
    assert lines[2].strip().startswith("Code length")
    others = lines.index("the others:")
    assert any(line.startswith("  squared_hinge__weight = 0.3") for line in lines[:others])
    assert any(line.startswith("  squared_hinge__margin = 0.1") for line in lines[others:])
    assert max(map(len, lines)) < 200


def test_rows_of_any_part():
    rows = recipe_rows(load_recipe("lightgcn").tower)
    assert [row.name for row in rows][:2] == ["mode", "layers"]


ROOMS = (
    "losses",
    "binarizers",
    "quantizers",
    "retrieval.similarities",
    "solvers",
    "towers",
    "training",
)
NO_PARTS = {"Step", "TowerData"}
"""What loops tell parts, which no user sets."""


def parts():
    """Every part that a room offers."""
    for room in ROOMS:
        module = importlib.import_module(f"hashrec_fast.{room}")
        for name in getattr(module, "__all__", dir(module)):
            part = getattr(module, name)
            if isinstance(part, type) and dataclasses.is_dataclass(part) and name not in NO_PARTS:
                yield part


@pytest.mark.parametrize("part", sorted(set(parts()), key=str), ids=lambda part: part.__name__)
def test_every_field_of_every_part_is_explained(part):
    """Those too that stand in no recipe of the package."""
    for name, hint in hints.field_hints(part).items():
        assert meanings(part).get(name), name
        assert hints.range_text(hint) not in {"", "anything"}, name
