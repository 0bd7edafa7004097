# SPDX-License-Identifier: Apache-2.0
"""The stub of the compiled core says what the core takes.

stubtest compares names; arguments of pybind11's functions stand in their docstrings only, which it
does not read.
"""

import ast
import inspect
from pathlib import Path

import pytest

from hashrec_fast import _core

STUB = Path(_core.__file__).parent / "_core.pyi"
SCALARS = {
    "typing.SupportsInt | typing.SupportsIndex": "int",
    "typing.SupportsFloat | typing.SupportsIndex": "float",
}


def stub_functions():
    """All functions and methods of the stub by their dotted name."""
    found = {}
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        found |= {prefix + f.name: f for f in inner if isinstance(f, ast.FunctionDef)}
    return found


def core_function(name):
    """The function as the docstring of the core declares it; its first line is the signature."""
    value = _core
    for part in name.split("."):
        value = getattr(value, part)
    line = inspect.getdoc(value).splitlines()[0]
    return ast.parse(f"def {line}: ...").body[0]


def _type(parameter):
    return parameter.annotation and ast.unparse(parameter.annotation)


def parameters(function):
    """Name, kind, default and annotation of every parameter but ``self``."""
    plain, named = function.args.args, function.args.kwonlyargs
    defaults = [None] * (len(plain) - len(function.args.defaults)) + function.args.defaults
    whole = [(a, "plain", d) for a, d in zip(plain, defaults, strict=True)]
    whole += [(a, "keyword", d) for a, d in zip(named, function.args.kw_defaults, strict=True)]
    return [
        (a.arg, kind, "needed" if default is None else ast.unparse(default), _type(a))
        for a, kind, default in whole
        if a.arg != "self"
    ]


@pytest.mark.parametrize("name", stub_functions())
def test_parameters(name):
    stub, core = parameters(stub_functions()[name]), parameters(core_function(name))
    assert [p[:3] for p in stub] == [p[:3] for p in core]
    for (parameter, _, _, said), (_, _, _, true) in zip(stub, core, strict=True):
        if true == "object":  # an array, which the core checks by itself
            assert said not in (*SCALARS.values(), "bool", "str"), parameter
        else:
            assert said == SCALARS.get(true, true), parameter


@pytest.mark.parametrize("name", stub_functions())
def test_results(name):
    said = ast.unparse(stub_functions()[name].returns)
    true = ast.unparse(core_function(name).returns)
    if true.startswith("numpy"):
        aliases = {"_Codes": "uint64", "_Ids": "int32", "_Offsets": "int64", "_Floats": "float32"}
        said = aliases.get(said, said.removeprefix("NDArray[np.").removesuffix("]"))
        true = true.removeprefix("numpy.typing.NDArray[numpy.").removesuffix("]")
        assert said == true
    elif true != "object":
        said = {"_Occupancy": "dict"}.get(said, said)
        assert said.split("[")[0] == SCALARS.get(true, true)


def test_every_function_of_the_core_is_in_the_stub():
    theirs = {name for name in vars(_core) if not name.startswith("_")}
    assert theirs == {name.split(".")[0] for name in stub_functions()}
