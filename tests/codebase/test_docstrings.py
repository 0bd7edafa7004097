# SPDX-License-Identifier: Apache-2.0
"""First lines of docstrings name the thing: they neither ask what it is nor open with a formula."""

import ast
import re
from pathlib import Path

import pytest

import hashrec_fast

ROOT = Path(hashrec_fast.__file__).parent
ROOMS = sorted({path.relative_to(ROOT).parts[0] for path in ROOT.rglob("*.py")})
RIDDLES = {"As", "By", "How", "Nothing", "See", "What", "When", "Where", "Which", "Who", "Why"}
NAME = re.compile(r"``\w+``")


def described(node):
    """The module's, its classes' and its public functions' names and docstrings."""
    yield getattr(node, "name", "the module"), ast.get_docstring(node)
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | ast.FunctionDef) and not inner.name.startswith("_"):
            if isinstance(inner, ast.ClassDef):
                yield from described(inner)
            else:
                yield inner.name, ast.get_docstring(inner)


def is_riddle(text):
    """Whether a first line asks, or opens with code that is not just the name of something."""
    return text.split()[0].rstrip(":,;") in RIDDLES or (
        text.startswith("``") and NAME.match(text) is None
    )


@pytest.mark.parametrize("room", ROOMS)
def test_first_lines_name_the_thing(room):
    files = sorted((ROOT / room).rglob("*.py")) if (ROOT / room).is_dir() else [ROOT / room]
    riddles = [
        f"{path.relative_to(ROOT)}: {name}: {text.splitlines()[0]}"
        for path in files
        for name, text in described(ast.parse(path.read_text(encoding="utf-8")))
        if text and is_riddle(text)
    ]
    assert riddles == []


@pytest.mark.parametrize(
    ("text", "riddle"),
    [
        ("Nothing: a single new row cannot be balanced.", True),
        ("As the class says.", True),
        ("``weight X W``.", True),
        ("``values`` as a 1-D array, or raise.", False),
        ("Predictions ``X W``.", False),
    ],
)
def test_what_counts_as_a_riddle(text, riddle):
    assert is_riddle(text) is riddle
