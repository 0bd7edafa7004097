# SPDX-License-Identifier: Apache-2.0
"""The stubs of packages with lazy names say what the packages hold, and nothing else."""

import ast
import dataclasses
import importlib
import pkgutil
from pathlib import Path

import pytest

import hashrec_fast

LAZY = ("hashrec_fast", "hashrec_fast.data", "hashrec_fast.retrieval")


def stub_of(package):
    file = Path(importlib.import_module(package).__file__).with_suffix(".pyi")
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", LAZY)
def test_stub_has_the_names_of_the_package(package):
    (listed,) = (
        ast.literal_eval(node.value)
        for node in stub_of(package).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert listed == importlib.import_module(package).__all__


@pytest.mark.parametrize("package", LAZY)
def test_stub_takes_names_from_where_they_are(package):
    module = importlib.import_module(package)
    imported = [node for node in stub_of(package).body if isinstance(node, ast.ImportFrom)]
    names = {alias.name: node.module for node in imported for alias in node.names}
    assert sorted({*names, "__version__"}) == sorted({*module.__all__, "__version__"})
    for name, home in names.items():
        assert getattr(module, name) is getattr(importlib.import_module(home), name), name


def test_class_variables_are_no_fields():
    """``ClassVar`` imported for type checkers alone is not seen by ``dataclass``."""
    for info in pkgutil.walk_packages(hashrec_fast.__path__, "hashrec_fast."):
        if info.name == "hashrec_fast.plotting":  # wants matplotlib
            continue
        for part in vars(importlib.import_module(info.name)).values():
            if isinstance(part, type) and dataclasses.is_dataclass(part):
                wrong = [f.name for f in dataclasses.fields(part) if "ClassVar" in str(f.type)]
                assert not wrong, (info.name, part.__name__, wrong)
