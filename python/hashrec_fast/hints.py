# SPDX-License-Identifier: Apache-2.0
"""Type hints of parts' fields: taken apart, and in words."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hashrec_fast.ranges import Described, Interval, Mark, PartMark

_HINTS: dict[type, dict[str, Any]] = {}


def field_hints(part_class: type) -> dict[str, Any]:
    """Type hint of each field of a dataclass, with its declared range.

    ``Any`` where the hint cannot be read, as of names that only type checkers import.
    """
    if part_class not in _HINTS:
        fields: tuple[Any, ...] = dataclasses.fields(part_class)
        _HINTS[part_class] = {field.name: _hint(part_class, field) for field in fields}
    return _HINTS[part_class]


def _hint(part_class: type, field: dataclasses.Field[Any]) -> Any:
    declares = (base for base in part_class.__mro__ if field.name in inspect.get_annotations(base))
    module = sys.modules.get(next(declares, part_class).__module__)
    holder = type("Holder", (), {"__annotations__": {field.name: field.type}})
    try:
        return get_type_hints(holder, vars(module), include_extras=True)[field.name]
    except NameError:
        return Any


def split(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """The bare type and what is annotated to it."""
    if get_origin(hint) is Annotated:
        base, *notes = get_args(hint)
        return base, tuple(notes)
    return hint, ()


def mark(hint: Any) -> bool | None:
    """Mark that ``Main`` or ``Minor`` gives a field, ``None`` where it has neither."""
    found = [note.matters for note in split(hint)[1] if isinstance(note, Mark)]
    return found[0] if found else None


def is_optional(hint: Any) -> bool:
    """Whether ``None`` is allowed."""
    base, notes = split(hint)
    marks = any(note.optional for note in notes if isinstance(note, PartMark))
    return marks or (is_union(base) and type(None) in get_args(base))


def without_none(hint: Any) -> Any:
    """The hint of what a setting may be besides ``None``."""
    base, _ = split(hint)
    if not is_union(base):
        return hint
    return next(choice for choice in get_args(base) if choice is not type(None))


def member_hint(hint: Any, position: int) -> Any:
    """The hint of one value of a hinted tuple, ``Any`` where the hint does not say."""
    args = get_args(split(without_none(hint))[0])
    if not args:
        return Any
    return args[0] if args[-1] is Ellipsis else args[position] if position < len(args) else Any


def range_text(hint: Any) -> str:
    """The allowed values in a few signs, such as ">= 0" or "one of 'a', 'b'"."""
    return _text(hint, short=True)


def wanted(hint: Any) -> str:
    """The allowed values in words, for "must be ..."."""
    return _text(hint, short=False)


def _text(hint: Any, short: bool) -> str:
    base, notes = split(hint)
    for note in notes:
        if isinstance(note, (Described, PartMark)):
            return str(note)
    if is_union(base):
        others = [_text(choice, short) for choice in get_args(base) if choice is not type(None)]
        return " or ".join(["None", *others] if is_optional(base) else others)
    if get_origin(base) is Literal:
        return "one of " + ", ".join(repr(choice) for choice in get_args(base))
    if get_origin(base) is tuple:
        args = get_args(base)
        count = "" if args[-1] is Ellipsis else f" of {len(args)}"
        return f"a tuple{count}, each {_text(args[0], short)}"
    if base in (int, float):
        return _number_text(base, notes, short)
    names = {bool: "True or False", str: "a string", Any: "anything"}
    return names.get(base) or _with_article(base)


def _number_text(base: type, notes: tuple[Any, ...], short: bool) -> str:
    noun = "an integer" if base is int else "a number"
    for interval in (note for note in notes if isinstance(note, Interval)):
        of = " of" if interval.words.startswith("at ") else ""
        return str(interval) if short else f"{noun}{of} {interval.words}"
    return noun


def _with_article(base: type) -> str:
    name = base.__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def is_union(base: Any) -> bool:
    """Whether the bare type is a choice of several."""
    return get_origin(base) in (Union, types.UnionType)
