# SPDX-License-Identifier: Apache-2.0
"""Recipes are declarations: no functions, no classes, no torch."""

import ast
import itertools
from pathlib import Path

import pytest

import hashrec_fast as hf
from hashrec_fast import methods

FILES = sorted(Path(methods.__path__[0]).glob("[a-z]*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recipe_is_declarative(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    for node in ast.walk(tree):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses":
            assert [name.name for name in node.names] == ["replace"]
        elif isinstance(node, ast.ImportFrom):
            assert node.module.startswith("hashrec_fast.")
        assert not isinstance(node, ast.Import)
    assert ast.get_docstring(tree)
    assert len(source.splitlines()) <= 45


def base_of(name):
    """The method whose recipe a file changes, or ``None``."""
    tree = ast.parse((FILES[0].parent / f"{name}.py").read_text(encoding="utf-8"))
    found = [
        node.module.rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("hashrec_fast.methods.")
    ]
    assert len(found) <= 1
    return found[0] if found else None


def replaced_in(name):
    """Fields of the recipe that a variant's file gives."""
    tree = ast.parse((FILES[0].parent / f"{name}.py").read_text(encoding="utf-8"))
    (call,) = (node.value for node in tree.body if isinstance(node, ast.Assign))
    assert call.func.id == "replace"
    return [keyword.arg for keyword in call.keywords]


def test_variants_of_a_method_are_written_as_changes_of_its_recipe():
    """Same paper and same tower or objective: one recipe is whole, the others say what differs."""

    def root(name):
        base = base_of(name)
        return name if base is None else root(base)

    recipes = {name: methods.load_recipe(name) for name in hf.available_methods()}
    related = 0
    for (name, one), (other, two) in itertools.combinations(recipes.items(), 2):
        if one.title == two.title and (one.tower == two.tower or one.objective == two.objective):
            assert root(name) == root(other)
            related += 1
    assert related


@pytest.mark.parametrize("name", [path.stem for path in FILES if base_of(path.stem)])
def test_a_variant_gives_nothing_that_its_base_has(name):
    recipe, base = methods.load_recipe(name), methods.load_recipe(base_of(name))
    fields = replaced_in(name)
    assert "name" in fields
    for field in fields:
        assert getattr(recipe, field) != getattr(base, field), field


@pytest.mark.parametrize("name", hf.available_methods())
def test_facts_are_complete(name):
    facts = hf.describe(name)
    assert facts["title"]
    assert facts["venue"]
    assert 1990 < facts["year"] < 2100
    fidelity = facts["fidelity"]
    assert fidelity in {"faithful", "own"} or fidelity.startswith(
        ("simplified: ", "reconstruction")
    )


def test_part_names_are_unique_over_all_rooms():
    """Files name parts without their room."""
    import dataclasses
    import importlib

    from hashrec_fast.recipe_json import ROOMS

    rooms = {room: vars(importlib.import_module(room)) for room in ROOMS}
    owners = {}
    for names in rooms.values():
        for name, part in names.items():
            if isinstance(part, type) and dataclasses.is_dataclass(part):
                assert owners.setdefault(name, part) is part
    assert owners
