# SPDX-License-Identifier: Apache-2.0
"""Names of a recipe's settings: the one that is shown, and all that are understood."""

from __future__ import annotations

import dataclasses
import difflib
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from hashrec_fast.recipe_parameters.nodes import Node, Path, tree
from hashrec_fast.recipe_parameters.own import OWN_PARAMETERS


class Names:
    """Settings of one part by name.

    Attributes
    ----------
    listed : dict of str to Node
        Every setting that is shown, by its short name, or by its full one where two settings
        would have the same short name.
    """

    def __init__(self, part: Any, changed: Mapping[Path, Any] | None = None) -> None:
        self.part = part
        self.nodes = list(tree(part, changed))
        shown = [node for node in self.nodes if node.listed]
        counts = Counter(OWN_PARAMETERS if self.of_recipe else ())
        counts.update(node.short for node in shown)
        self.listed = {node.short if counts[node.short] == 1 else node.full: node for node in shown}

    @property
    def of_recipe(self) -> bool:
        """Whether the part is a whole recipe, which models have settings beside."""
        return {"objective", "strategy"} <= {field.name for field in dataclasses.fields(self.part)}

    @property
    def label(self) -> str:
        """Name of the part in messages."""
        return str(getattr(self.part, "name", type(self.part).__name__))

    @cached_property
    def name_of(self) -> dict[Path, str]:
        """The shown name of each setting, the full one of those that are not shown."""
        names = {node.path: node.full for node in self.nodes}
        return names | {node.path: name for name, node in self.listed.items()}

    def find(self, name: str) -> Node | None:
        """The setting that ``name`` means; ``ValueError`` where it could mean several."""
        if name in self.listed:
            return self.listed[name]
        found = self._spelled.get(name, [])
        full = [node for node in found if node.full == name]
        found = full if len(full) == 1 else found
        if len(found) > 1:
            choice = " or ".join(repr(self.name_of[node.path]) for node in found)
            raise ValueError(f"{name!r} of {self.label} could mean {choice}")
        return found[0] if found else None

    def unknown(self, name: str, label: str | None = None) -> ValueError:
        """The error for a name that means nothing; ``label`` is what the part is called."""
        label = label or self.label
        text = f"unknown parameter {name!r} of {label}"
        if reason := self._why_not(name):
            return ValueError(f"{text}: {reason}")
        if near := self.nearest(name):
            text += f"; did you mean {' or '.join(repr(other) for other in near)}?"
        return ValueError(f'{text}{"" if near else ";"} hf.parameters("{label}") lists all')

    def nearest(self, name: str) -> list[str]:
        """At most three known names that are written almost like ``name``, the nearest first."""
        known = [*self.listed, *(OWN_PARAMETERS if self.of_recipe else ())]
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.75)
        if near:
            return near[:1] if difflib.SequenceMatcher(None, name, near[0]).ratio() > 0.9 else near
        last = name.rsplit("__", 1)[-1]
        same_field = [other for other in known if other.rsplit("__", 1)[-1] == last]
        return (same_field or difflib.get_close_matches(name, known, n=1))[:3]

    def _why_not(self, name: str) -> str | None:
        words = name.split("__")
        for end in range(len(words) - 1, 0, -1):
            node = self.find("__".join(words[:end]))
            if node is not None:
                if dataclasses.is_dataclass(node.value) or isinstance(node.value, tuple):
                    return None
                return f"{self.name_of[node.path]} is {node.value!r}, which has no parameters"
        return None

    @cached_property
    def _spelled(self) -> dict[str, list[Node]]:
        spelled: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            for name in node.spellings:
                spelled[name].append(node)
        return spelled
