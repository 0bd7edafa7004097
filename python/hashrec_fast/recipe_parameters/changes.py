# SPDX-License-Identifier: Apache-2.0
"""Settings of a recipe by name: all of them, a copy with some changed, and a check of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from hashrec_fast.field_checks import checked, fits
from hashrec_fast.recipe_parameters.names import Names
from hashrec_fast.recipe_parameters.nodes import Path, tree


def flat_parameters(part: Any) -> dict[str, Any]:
    """All settings of a recipe by name, such as ``squared_hinge__weight`` or ``teacher``."""
    return {name: node.value for name, node in Names(part).listed.items()}


def listed_names(part: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """``changes`` under the names of :func:`flat_parameters`, however they are written."""
    names = Names(part)
    found = {name: names.find(name) for name in changes}
    return {
        name if node is None else names.name_of[node.path]: changes[name]
        for name, node in found.items()
    }


def check_ranges(part: Any) -> None:
    """Raise for a setting of another type or outside its declared range, by its name."""
    for node in tree(part):
        if not fits(node.value, node.hint):
            checked(node.value, node.hint, Names(part).name_of[node.path])


def with_parameters(part: Any, label: str | None = None, /, **changes: Any) -> Any:
    """A copy of ``part`` with settings changed; ``label`` is what messages call it.

    Parts can be given whole (``teacher=None``, ``sampler=Blocks(users=64)``); what else is given
    then applies to the new parts. Besides the names of :func:`flat_parameters` those with every
    field on the way, or with positions, are understood: ``strategy__solver__epochs``,
    ``objective__1__weight``.

    Raises
    ------
    ValueError
        For an unknown name, with the nearest known ones, or a value out of its range.
    TypeError
        For a value of another type.
    """
    done: dict[Path, Any] = {}
    written: dict[Path, str] = {}
    waiting = {name: _plain(value) for name, value in changes.items()}
    while waiting:
        names = Names(part, done)
        for name in _next(names, waiting):
            node, value = names.find(name), waiting.pop(name)
            if node is None:
                raise names.unknown(name, label)
            if node.path in written:
                raise ValueError(f"{written[node.path]!r} and {name!r} are one parameter")
            written[node.path] = name
            done[node.path] = checked(value, node.hint, name)
    changed = _rebuilt(part, done, written)
    _check_read(changed, written, label)
    return changed


def _check_read(part: Any, written: Mapping[Path, str], label: str | None) -> None:
    """Raise ``ValueError`` for a setting that the other settings make meaningless."""
    idle: Mapping[Path, str] = getattr(part, "idle", {})
    for path, name in written.items():
        for head, reason in idle.items():
            if path[: len(head)] == head:
                raise ValueError(f"{name!r} of {label or part.name} would not be read: {reason}")


def _next(names: Names, waiting: Mapping[str, Any]) -> list[str]:
    """The outermost part that is to be set, which may change what names there are; else all."""
    found = {name: names.find(name) for name in waiting}
    parts = {name: node for name, node in found.items() if node is not None and node.holds_parts}
    return [min(parts, key=lambda name: len(parts[name].path))] if parts else list(waiting)


def _plain(value: Any) -> Any:
    """Lists, as JSON and TOML have them, as tuples."""
    return tuple(_plain(item) for item in value) if isinstance(value, list) else value


def _rebuilt(
    part: Any, done: Mapping[Path, Any], written: Mapping[Path, str], path: Path = ()
) -> Any:
    """``part`` with the values of ``done``; parts in which nothing changes stay the same."""
    keys: list[str | int]
    if isinstance(part, tuple):
        keys, old = list(range(len(part))), list(part)
    elif dataclasses.is_dataclass(part):
        keys = [field.name for field in dataclasses.fields(part)]
        old = [getattr(part, str(key)) for key in keys]
    else:
        return part
    new = [
        _rebuilt(done.get((*path, key), value), done, written, (*path, key))
        for key, value in zip(keys, old, strict=True)
    ]
    if all(a is b for a, b in zip(new, old, strict=True)):
        return part
    if isinstance(part, tuple):
        return tuple(new)
    changed = {str(k): a for k, a, b in zip(keys, new, old, strict=True) if a is not b}
    try:
        return dataclasses.replace(part, **changed)
    except ValueError as error:  # a part's own rules say nothing of where the part stands
        names = [name for place, name in written.items() if place[:-1] == path != ()]
        raise ValueError(f"{', '.join(names)}: {error}" if names else str(error)) from None
