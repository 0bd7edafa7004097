# SPDX-License-Identifier: Apache-2.0
"""Checks of a part's fields against their type hints and declared ranges."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any, Literal, get_args, get_origin

import numpy as np

from hashrec_fast.hints import field_hints, is_optional, is_union, split, wanted
from hashrec_fast.ranges import Interval, PartMark


class _WrongTypeError(TypeError):
    """The value is of another type."""


class _OutOfRangeError(ValueError):
    """The value is of the right type; the message says what it must be."""


def check_fields(part: Any) -> None:
    """Raise where a field of ``part`` is of another type or outside its declared range.

    For ``__post_init__`` of parts that are built by hand too; a recipe checks all its parts.

    Raises
    ------
    TypeError, ValueError
        Naming the field, what it must be and what it is.
    """
    for name, hint in field_hints(type(part)).items():
        checked(getattr(part, name), hint, name)


def fits(value: Any, hint: Any) -> bool:
    """Whether ``value`` is of the hinted type and within its range."""
    try:
        _converted(value, hint)
    except (_WrongTypeError, _OutOfRangeError):
        return False
    return True


def checked(value: Any, hint: Any, name: str) -> Any:
    """``value`` as a plain Python value of the hinted type, or an error that calls it ``name``."""
    try:
        return _converted(value, hint)
    except _WrongTypeError:
        text = f"{name} must be {wanted(hint)}, got {value!r}"
        shown = isinstance(value, type) or value is None
        raise TypeError(text if shown else f"{text} ({type(value).__name__})") from None
    except _OutOfRangeError as error:
        raise ValueError(f"{name} must be {error}, got {value!r}") from None


def _converted(value: Any, hint: Any) -> Any:
    base, notes = split(hint)
    if isinstance(value, np.generic):
        value = value.item()
    if any(isinstance(note, PartMark) for note in notes):
        return _part(value, object, is_optional(hint))
    if is_union(base):
        return _one_of(value, get_args(base))
    if get_origin(base) is Literal:
        if not any(type(value) is type(choice) and value == choice for choice in get_args(base)):
            raise _OutOfRangeError(wanted(base))
        return value
    if get_origin(base) is tuple:
        return _tuple(value, get_args(base))
    if base in (int, float):
        return _number(value, base, notes)
    if base is Any or get_origin(base) is not None:  # arrays, mappings: nothing is declared
        return value
    if base in (bool, str):
        if not isinstance(value, base):
            raise _WrongTypeError
        return value
    return _part(value, base, optional=False)


def _number(value: Any, kind: type, notes: tuple[Any, ...]) -> Any:
    accepted = numbers.Integral if kind is int else numbers.Real
    if isinstance(value, bool) or not isinstance(value, accepted):
        raise _WrongTypeError
    try:
        number = kind(value)
        finite = math.isfinite(number)
    except OverflowError:  # an integer beyond all floats
        finite = False
    if not finite:
        words = [note.words for note in notes if isinstance(note, Interval)]
        raise _OutOfRangeError(" and ".join([*words, "finite"]))
    for interval in (note for note in notes if isinstance(note, Interval)):
        if number not in interval:
            raise _OutOfRangeError(interval.missed_by(number))
    return number


def _tuple(value: Any, hints: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise _WrongTypeError
    if hints[-1] is Ellipsis:
        hints = (hints[0],) * len(value)
    if len(value) != len(hints):
        raise _WrongTypeError
    try:
        return tuple(_converted(item, hint) for item, hint in zip(value, hints, strict=True))
    except _OutOfRangeError as error:
        raise _OutOfRangeError(f"a tuple, each {error}") from None


def _one_of(value: Any, choices: tuple[Any, ...]) -> Any:
    if value is None and type(None) in choices:
        return None
    problem: Exception = _WrongTypeError()
    for choice in choices:
        if choice is type(None):
            continue
        try:
            return _converted(value, choice)
        except _WrongTypeError:
            continue
        except _OutOfRangeError as error:
            problem = error
    raise problem


def _part(value: Any, base: type, optional: bool) -> Any:
    if value is None and optional:
        return None
    is_part = dataclasses.is_dataclass(value) and not isinstance(value, type)
    if getattr(base, "_is_protocol", False) or base is object:
        fits = is_part
    else:
        fits = isinstance(value, base)
    if not fits:
        raise _WrongTypeError
    return value
