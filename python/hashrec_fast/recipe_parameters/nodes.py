# SPDX-License-Identifier: Apache-2.0
"""A recipe as a tree of settings, each with the ways in which its name may be written."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hashrec_fast import hints
from hashrec_fast.ranges import PartMark

Path = tuple[str | int, ...]
"""Fields and positions that lead from a recipe to a setting."""

DROPPED = frozenset({"objective", "constraints", "strategy", "solver"})
"""Fields that short names leave out, since every recipe has them."""

FACTS = frozenset({"name", "title", "venue", "year", "reference", "task", "feedback", "fidelity"})
"""Fields of a recipe that say what the paper is; they set nothing."""


@dataclass(frozen=True)
class Node:
    """One setting.

    Attributes
    ----------
    path : tuple of str and int
        Fields and positions from the root.
    steps : tuple of tuples of str
        For each step of the path how it may be written, the shortest first; "" leaves it out.
    value, hint : what it is now, and its type hint
    owner : type
        The part that declares the field.
    shown : bool
        False inside tuples whose members cannot be told apart: the tuple is set as a whole.
    mark : bool or None
        True where it is among the few worth trying first; ``None`` where nothing is said.
    silenced : bool
        Whether a mark further up makes those here count for nothing.
    """

    path: Path = ()
    steps: tuple[tuple[str, ...], ...] = ()
    value: Any = None
    hint: Any = Any
    owner: type = object
    shown: bool = True
    mark: bool | None = None
    silenced: bool = False

    @cached_property
    def short(self) -> str:
        """The name without what every recipe has."""
        return self._joined([*(step[0] for step in self.steps[:-1]), self._last])

    @cached_property
    def full(self) -> str:
        """The name with every field on the way."""
        return self._joined([step[0] or step[1] for step in self.steps[:-1]] + [self._last])

    @property
    def spellings(self) -> set[str]:
        """All names that mean this setting."""
        last = [word for word in self.steps[-1] if word]
        return {self._joined(words) for words in itertools.product(*self.steps[:-1], last)}

    @cached_property
    def listed(self) -> bool:
        """Whether it is shown to users; the others are known by their names all the same."""
        field = self.path[-1]
        if not self.shown or field == "name" or isinstance(field, int):
            return False
        if field == getattr(self.owner, "stands_for", None):
            return False
        if self.path == ("tower",) and self.value is None:
            return False  # where no tower is, the solver trains none
        return type(self.value) is not hints.split(self.hint)[0] or not self.holds_parts

    @property
    def matters(self) -> bool:
        """Whether it is among the few worth trying first."""
        empty = self.value is None and self.holds_parts
        return bool(self.mark) and not self.silenced and not empty

    @property
    def holds_parts(self) -> bool:
        """Whether it is a part, a tuple of parts, or a place for one that is empty."""
        value, bare = self.value, hints.split(self.hint)[1]
        return (
            dataclasses.is_dataclass(value)
            or any(dataclasses.is_dataclass(item) for item in _members(value))
            or any(isinstance(note, PartMark) for note in bare)
        )

    @property
    def _last(self) -> str:
        return next(word for word in self.steps[-1] if word)

    @staticmethod
    def _joined(words: Any) -> str:
        return "__".join(word for word in words if word)


def tree(part: Any, changed: Mapping[Path, Any] | None = None) -> Iterator[Node]:
    """All settings below ``part``, those of ``changed`` with their new values."""
    yield from _below(Node(value=part), changed or {})


def _below(node: Node, changed: Mapping[Path, Any]) -> Iterator[Node]:
    if isinstance(node.value, tuple):
        children = _positions(node)
    elif dataclasses.is_dataclass(node.value):
        children = _fields(node)
    else:
        return
    for child in children:
        if child.path in changed:
            child = dataclasses.replace(child, value=changed[child.path])  # noqa: PLW2901
        yield child
        yield from _below(child, changed)


def _fields(node: Node) -> Iterator[Node]:
    part = node.value
    stands_for = getattr(part, "stands_for", None)
    for name, hint in hints.field_hints(type(part)).items():
        if not node.path and name in FACTS:
            continue
        dropped = name in DROPPED or name == stands_for
        yield Node(
            path=(*node.path, name),
            steps=(*node.steps, ("", name) if dropped else (name,)),
            value=getattr(part, name),
            hint=hint,
            owner=type(part),
            shown=node.shown,
            mark=hints.mark(hint),
            silenced=node.silenced or node.mark is not None,
        )


def _positions(node: Node) -> Iterator[Node]:
    """Members of a tuple, by label where their labels differ, and always by position."""
    labels = member_labels(node.value)
    for i, value in enumerate(node.value):
        words = (labels[i], str(i)) if labels else (str(i),)
        yield dataclasses.replace(
            node,
            path=(*node.path, i),
            steps=(*node.steps, words),
            value=value,
            hint=hints.member_hint(node.hint, i),
            shown=node.shown and labels is not None,
        )


def member_labels(members: tuple[Any, ...]) -> list[str] | None:
    """Labels of the parts of a tuple; ``None`` where they are no parts or cannot be told apart.

    A part is called by its ``name`` or else by its class; one that stands for another (a weighted
    loss) by that other, unless something else in the tuple is called so.
    """
    if not all(dataclasses.is_dataclass(member) for member in members):
        return None
    labels = [_label(member) for member in members]
    counts = Counter(labels)
    for i, member in enumerate(members):
        if counts[labels[i]] > 1 and hasattr(member, "stands_for"):
            labels[i] = f"{snake_case(type(member).__name__)}_{labels[i]}"
    return labels if len(set(labels)) == len(labels) else None


def _label(part: Any) -> str:
    if isinstance(stands_for := getattr(part, "stands_for", None), str):
        return _label(getattr(part, stands_for))
    return snake_case(getattr(part, "name", type(part).__name__))


def snake_case(text: str) -> str:
    """``SquaredHinge`` and "squared hinge" as ``squared_hinge``."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"\W+", "_", apart).strip("_").lower()


def _members(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()
