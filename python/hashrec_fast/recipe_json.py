# SPDX-License-Identifier: Apache-2.0
"""Recipes as JSON: parts by import path, built again from trusted modules only."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from hashrec_fast.recipe import Recipe

ROOMS = (
    "hashrec_fast.losses",
    "hashrec_fast.binarizers",
    "hashrec_fast.quantizers",
    "hashrec_fast.retrieval.similarities",
    "hashrec_fast.solvers",
    "hashrec_fast.towers",
    "hashrec_fast.training",
    "hashrec_fast.recipe",
)
"""Where the parts of this package are found; its other modules are none of a file's business."""


def to_json(part: Any) -> Any:
    """A JSON value from which :func:`from_json` makes an equal part.

    Raises
    ------
    ValueError
        For a part that could not be found again, such as one of a function or of ``__main__``.
    """
    if isinstance(part, tuple):
        return [to_json(value) for value in part]
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        fields = {f.name: to_json(getattr(part, f.name)) for f in dataclasses.fields(part)}
        return {"part": import_path(type(part)), **fields}
    return part.item() if isinstance(part, np.generic) else part


def from_json(value: Any, trust: Sequence[str] = ()) -> Any:
    """Rebuild a part from :func:`to_json`.

    Parameters
    ----------
    value : JSON value
    trust : sequence of str
        Modules besides this package's rooms whose frozen dataclasses may be built. Nothing else
        is imported, whatever the value says.

    Raises
    ------
    ValueError
        For a part of another module, or one that is not there.
    """
    if isinstance(value, list):
        return tuple(from_json(item, trust) for item in value)
    if not isinstance(value, dict):
        return value
    body = {key: from_json(item, trust) for key, item in value.items() if key != "part"}
    return find_part(value.get("part"), trust)(**body)


def import_path(kind: type) -> str:
    """Path ``"module:Class"`` by which a class is found again, the shortest for this package's."""
    for room in ROOMS:
        if getattr(importlib.import_module(room), kind.__name__, None) is kind:
            return f"{room}:{kind.__name__}"
    module, name = kind.__module__, kind.__qualname__
    if module == "__main__" or _within(sys.modules.get(module), name) is not kind:
        raise ValueError(
            f"{name} of {module} cannot be found again by a name; define it at the top of a module "
            "that can be imported"
        )
    return f"{module}:{name}"


def find_part(path: object, trust: Sequence[str] = ()) -> type:
    """The class at an import path; see :func:`from_json`."""
    module, _, name = str(path).partition(":")
    if module not in ROOMS and module not in trust:
        raise ValueError(
            f"it is made of {str(path)!r}, which is no part of this package; "
            f"give trust=({module!r},) if you trust that module"
        )
    part = _within(importlib.import_module(module), name)
    if not (isinstance(part, type) and dataclasses.is_dataclass(part)):
        raise ValueError(
            f"it is made of an unknown part {str(path)!r}; was it saved by a newer one?"
        )
    return part


def _within(module: object, name: str) -> object:
    """What a dotted name stands for in a module; ``None`` where it leads nowhere."""
    for part in name.split("."):
        module = getattr(module, part, None)
    return module


def recipe_from(value: Any, trust: Sequence[str] = ()) -> Recipe:
    """The recipe that :func:`to_json` wrote."""
    recipe = from_json(value, trust)
    if not isinstance(recipe, Recipe):
        raise ValueError(f"a recipe was expected, got {type(recipe).__name__}")
    return recipe
