# SPDX-License-Identifier: Apache-2.0
"""Methods by name: files of this room, recipes registered by hand, entry points of packages."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
import warnings
from importlib.metadata import EntryPoint, entry_points

from hashrec_fast.methods._missing import MISSING
from hashrec_fast.recipe import Recipe

GROUP = "hashrec_fast.methods"
"""Entry points of other packages, each ``name = "package.module:RECIPE"``."""

_registered: dict[str, Recipe] = {}


@functools.cache
def own_methods() -> tuple[str, ...]:
    """Names of the methods of this package, sorted."""
    room = importlib.import_module("hashrec_fast.methods")
    names = (info.name for info in pkgutil.iter_modules(room.__path__))
    return tuple(sorted(name for name in names if not name.startswith("_")))


@functools.cache
def announced_methods() -> dict[str, EntryPoint]:
    """Entry points of other packages by name; a name of this package's own stays its own."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name in own_methods() or entry.name in found:
            warnings.warn(
                f"the method {entry.name!r} of {entry.value!r} has a name that is taken; "
                f"reach it as {entry.value!r}",
                stacklevel=2,
            )
            continue
        found[entry.name] = entry
    return found


def all_names() -> list[str]:
    """Names of all methods, whoever brought them, sorted."""
    return sorted({*own_methods(), *_registered, *announced_methods()})


def register(recipe: Recipe, name: str | None = None, *, replace: bool = False) -> str:
    """Name for a recipe from outside, by which it is found like a method of this package.

    The name lasts as long as the process. A package that brings methods for good announces them
    as entry points of the group ``hashrec_fast.methods``, ``name = "package.module:RECIPE"``.

    Parameters
    ----------
    recipe : Recipe
    name : str or None
        Letters, digits and underscores; ``None`` takes the recipe's own name in lower case.
    replace : bool
        Whether the name may stand for another registered recipe so far.

    Returns
    -------
    str
        The name.

    Raises
    ------
    TypeError
        For something that is no recipe.
    ValueError
        For a name that is a method of this package or stands for another recipe, or is none.

    Examples
    --------
    >>> import dataclasses
    >>> import hashrec_fast as hf
    >>> mine = dataclasses.replace(hf.create("dcf").recipe, name="My DCF")
    >>> hf.register(mine)
    'my_dcf'
    >>> hf.create("my_dcf", n_bits=16).recipe.name
    'My DCF'
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a Recipe, got {type(recipe).__name__}")
    chosen = re.sub(r"\W+", "_", recipe.name.lower()).strip("_") if name is None else name
    if not isinstance(chosen, str) or not re.fullmatch(r"[^\W_]\w{0,99}", chosen):
        raise ValueError(f"name must be letters, digits and underscores, got {chosen!r}")
    taken = {*own_methods(), *MISSING, *announced_methods()}
    if chosen in taken or chosen.casefold() in taken:
        raise ValueError(f"{chosen!r} is a method already; give another name")
    if _registered.get(chosen, recipe) != recipe and not replace:
        raise ValueError(f"{chosen!r} is registered for another recipe; give replace=True")
    _registered[chosen] = recipe
    return chosen


def find_recipe(name: str) -> Recipe:
    """The recipe of a name, of a label such as "WDCF", or of a reference ``"module:RECIPE"``.

    Raises
    ------
    ValueError
        For an unknown name, with the known ones, or where another package's recipe cannot be had.
    """
    if not isinstance(name, str):
        raise TypeError(f"a method must be a name or a Recipe, got {type(name).__name__}")
    if name in MISSING:
        raise ValueError(f"{MISSING[name]['label']} is {MISSING[name]['fidelity']}")
    if name in own_methods():
        return _checked(importlib.import_module(f"hashrec_fast.methods.{name}").RECIPE, name)
    if name in _registered:
        return _registered[name]
    if name in announced_methods():
        entry = announced_methods()[name]
        return _referred(entry.value, f"the method {name!r} of another package, {entry.value!r},")
    if ":" in name:
        return _referred(name, f"the method {name!r}")
    for recipe in (*map(find_recipe, own_methods()), *_registered.values()):
        if recipe.name.casefold() == name.casefold():
            return recipe
    raise ValueError(f"unknown method {name!r}; available: {', '.join(all_names())}")


def _referred(reference: str, what: str) -> Recipe:
    """The object at ``"package.module:NAME"``, which the caller has named and so trusts."""
    module, _, attribute = reference.partition(":")
    try:
        found: object = importlib.import_module(module.strip())
        for part in attribute.strip().split("."):
            found = getattr(found, part)
    except Exception as error:  # whatever another module raises while it is imported
        raise ValueError(f"{what} cannot be loaded: {type(error).__name__}: {error}") from error
    return _checked(found, what)


def _checked(found: object, what: str) -> Recipe:
    if not isinstance(found, Recipe):
        raise ValueError(f"{what} is no Recipe, but {type(found).__name__}")
    return found
