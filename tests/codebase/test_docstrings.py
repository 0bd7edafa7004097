# SPDX-License-Identifier: Apache-2.0
"""First lines of docstrings name the thing, they do not ask what it is."""

import ast
from pathlib import Path

import pytest

import hashrec_fast

ROOT = Path(hashrec_fast.__file__).parent
ROOMS = ("binarizers", "data", "evaluation", "quantizers", "retrieval", "towers")
RIDDLES = {"As", "By", "How", "See", "What", "When", "Where", "Which", "Who", "Why"}


def described(node):
    """The module's, its classes' and its public functions' names and docstrings."""
    yield getattr(node, "name", "the module"), ast.get_docstring(node)
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | ast.FunctionDef) and not inner.name.startswith("_"):
            if isinstance(inner, ast.ClassDef):
                yield from described(inner)
            else:
                yield inner.name, ast.get_docstring(inner)


@pytest.mark.parametrize("room", ROOMS)
def test_first_lines_name_the_thing(room):
    riddles = [
        f"{path.relative_to(ROOT)}: {name}: {text.splitlines()[0]}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for name, text in described(ast.parse(path.read_text(encoding="utf-8")))
        if text and text.split()[0].rstrip(":,") in RIDDLES
    ]
    assert riddles == []
