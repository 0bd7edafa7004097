# SPDX-License-Identifier: Apache-2.0
"""The compiled core has one seam: ``kernels/`` alone imports it, with few typed arguments."""

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import hashrec_fast
from hashrec_fast import _core

PACKAGE = Path(hashrec_fast.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
KERNELS = PACKAGE / "kernels"
LOADER = PACKAGE / "__init__.py"  # gives a clear error where the core does not load


def uses_core(source):
    """Whether a module imports the core or reaches for it through the package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Attribute):
            names = [node.attr]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value] if node.value.endswith("hashrec_fast._core") else []
        else:
            continue
        if any("_core" in name.split(".") for name in names):
            return True
    return False


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from hashrec_fast import _core", True),
        ("from hashrec_fast._core import row_pass", True),
        ("import hashrec_fast._core as core", True),
        ("from . import _core", True),
        ("hf._core.row_pass()", True),
        ("import_module('hashrec_fast._core')", True),
        ("if TYPE_CHECKING:\n    from hashrec_fast import _core", True),
        ("def f():\n    from hashrec_fast import _core", True),
        ("'''Twin of ``_core.row_pass``.'''", False),
        ("from hashrec_fast import kernels", False),
        ("score_core = my_core", False),
    ],
)
def test_uses_of_the_core_are_seen(source, found):
    assert uses_core(source) is found


def test_only_kernels_use_the_core():
    users = {path for path in SOURCES if uses_core(path.read_text(encoding="utf-8"))}
    strangers = {path for path in users if path != LOADER and KERNELS not in path.parents}
    assert not strangers
    assert len(users - {LOADER}) > 5  # or the search found nothing at all


def faces():
    """Functions and methods of ``kernels/``, constructors included."""
    for path in KERNELS.glob("*.py"):
        module = import_module(f"hashrec_fast.kernels.{path.stem}")
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value):
                yield name, value
            elif inspect.isclass(value):
                yield from inspect.getmembers(value, inspect.isfunction)


def test_every_pass_takes_few_arguments():
    """At most four by place and six in all; the core's own row pass takes twenty."""
    parameters = {
        name: inspect.signature(face).parameters.values()
        for name, face in faces()
        if name.endswith("_pass")
    }
    assert set(parameters) == {name for name in dir(_core) if name.endswith("_pass")}
    for name, all_of_them in parameters.items():
        by_place = [p for p in all_of_them if p.kind is not p.KEYWORD_ONLY]
        assert len(by_place) <= 4, name
        assert len(all_of_them) <= 6, name


def test_every_compiled_function_has_a_face():
    text = "\n".join(path.read_text(encoding="utf-8") for path in KERNELS.glob("*.py"))
    for name in dir(_core):
        if not name.startswith("_"):
            assert f"_core.{name}(" in text, f"no module of kernels/ calls {name}"
