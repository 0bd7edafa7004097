# SPDX-License-Identifier: Apache-2.0
"""Recipes are declarations: no functions, no classes, no torch."""

import ast
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
        if isinstance(node, ast.ImportFrom):
            assert node.module.startswith("hashrec_fast.")
    assert ast.get_docstring(tree)
    assert len(source.splitlines()) <= 45


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
