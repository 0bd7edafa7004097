# SPDX-License-Identifier: Apache-2.0
"""Settings of a method in rows: name, default, range, meaning."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hashrec_fast.hints import field_hints, mark, range_text
from hashrec_fast.recipe_parameters.names import Names
from hashrec_fast.recipe_parameters.own import OwnParameters


@dataclass(frozen=True)
class Parameter:
    """One setting of a method.

    Attributes
    ----------
    name : str
        As :func:`hashrec_fast.create` and ``set_params`` take it.
    default : object
        What the method, or the model asked, has.
    range : str
        The values it may have, such as ">= 0", "1 .. 4096" or "one of 'a', 'b'".
    meaning : str
        One line.
    matters : bool
        Whether it is among the few worth trying first.
    """

    name: str
    default: Any
    range: str
    meaning: str
    matters: bool

    @property
    def default_text(self) -> str:
        """The default as one would write it; of parts the names of their classes alone."""
        return _shown(self.default)


class ParameterTable(list[Parameter]):
    """Parameters that print as text, those that matter first."""

    def __repr__(self) -> str:
        first = [row for row in self if row.matters]
        others = [row for row in self if not row.matters]
        return "\n".join(
            [
                *(["those that matter most:"] if first else []),
                *_lines(first),
                *(["", "the others:"] if first and others else []),
                *_lines(others),
            ]
        )


def _lines(rows: Sequence[Parameter]) -> list[str]:
    """Two lines a row, so that long names leave room for the meaning."""
    heads = [f"{row.name} = {row.default_text}" for row in rows]
    width = min(max(map(len, heads), default=0), 60)
    return [
        line
        for row, head in zip(rows, heads, strict=True)
        for line in (f"  {head.ljust(width)}  {row.range}", f"      {row.meaning}")
    ]


def recipe_rows(recipe: Any) -> list[Parameter]:
    """Rows of the settings of a recipe or of any other part."""
    return [
        Parameter(
            name=name,
            default=node.value,
            range=range_text(node.hint),
            meaning=meanings(node.owner).get(str(node.path[-1]), ""),
            matters=node.matters,
        )
        for name, node in Names(recipe).listed.items()
    ]


def own_rows(indexes: Sequence[str], values: dict[str, Any] | None = None) -> list[Parameter]:
    """Rows of the settings that every model has; ``index`` may be one of ``indexes``."""
    hints, about = field_hints(OwnParameters), meanings(OwnParameters)
    of_index = "one of " + ", ".join(repr(index) for index in indexes)
    return [
        Parameter(
            name=field.name,
            default=(values or {}).get(field.name, field.default),
            range=of_index if field.name == "index" else range_text(hints[field.name]),
            meaning=about[field.name],
            matters=bool(mark(hints[field.name])),
        )
        for field in dataclasses.fields(OwnParameters)
    ]


@functools.cache
def meanings(part_class: type) -> dict[str, str]:
    """First sentence on each attribute in a class's docstring, or in those of its bases."""
    found: dict[str, str] = {}
    for base in reversed(part_class.__mro__):
        section = re.search(
            r"^Attributes\n-+\n(.*?)(?=^\w[^\n]*\n---|\Z)",
            inspect.cleandoc(base.__dict__.get("__doc__") or ""),
            re.DOTALL | re.MULTILINE,
        )
        entry = r"^(\w+(?:, \w+)*)(?: :[^\n]*)?\n((?:[ ]{4}[^\n]*\n|\n)*)"
        for names, text in re.findall(entry, section[1] + "\n" if section else "", re.MULTILINE):
            if text.strip():
                found |= dict.fromkeys(names.split(", "), _first_sentence(text))
    return found


def _first_sentence(text: str) -> str:
    line = " ".join(text.split())
    line = re.sub(r":\w+:`~?\.?(?:[\w.]*\.)?([\w]+)`", r"\1", line).replace("``", "")
    return re.split(r"(?<=[.;])\s(?=[A-Z(\"])", line, maxsplit=1)[0].rstrip(".;")


def _shown(value: Any) -> str:
    if isinstance(value, tuple) and any(dataclasses.is_dataclass(item) for item in value):
        return f"({', '.join(_shown(item) for item in value)}{',' if len(value) == 1 else ''})"
    if dataclasses.is_dataclass(value):
        return f"{type(value).__name__}({'...' if dataclasses.fields(value) else ''})"
    return repr(value)
