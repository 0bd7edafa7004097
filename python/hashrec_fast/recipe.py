# SPDX-License-Identifier: Apache-2.0
"""A method as data: what is minimised, how, and the facts of its paper."""

from __future__ import annotations

import dataclasses
import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from hashrec_fast.contracts import RecipeTerms
from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import AnyPart, AnyPartOrNone, Main
from hashrec_fast.recipe_parameters import check_ranges
from hashrec_fast.training.compatibility import check_compatibility
from hashrec_fast.training.strategies import Strategy

# Rooms whose frozen dataclasses may stand in a recipe; nothing else is ever built from a file.
PART_ROOMS = (
    "hashrec_fast.losses",
    "hashrec_fast.binarizers",
    "hashrec_fast.quantizers",
    "hashrec_fast.retrieval.similarities",
    "hashrec_fast.solvers",
    "hashrec_fast.towers",
    "hashrec_fast.training",
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One method.

    Attributes
    ----------
    name, title, venue, year, reference : facts of the paper
        ``reference`` is the survey's number, ``None`` where the survey has none.
    task : str
        "user-item CF", "cold start", "social", ...
    objective : tuple of Loss
        What is minimised, the terms of a sum.
    constraints : tuple of parts
        What the codes must keep to, or penalties beside the objective.
    strategy : Strategy
        How codes come about, with the solver that finds them.
    tower : Tower or None
        What is trained by methods that follow gradients.
    similarity : Similarity or None
        How two rows are scored; ``None`` stands for the strategy's own, the Hamming distance or
        the inner product.
    teacher : part or None
        A float model whose best unseen items become soft positives.
    reranker : part or None
        A float model, trained after the codes, that orders what they find.
    fidelity : str
        "faithful", "own" for this package's methods, or "simplified: <what was left out>".
    """

    name: str
    title: str
    venue: str
    year: int
    reference: int | None = None
    task: str = "user-item CF"
    feedback: str = "implicit"
    objective: tuple[Loss, ...]
    constraints: tuple[AnyPart, ...] = ()
    strategy: Strategy
    tower: AnyPartOrNone = None
    similarity: AnyPartOrNone = None
    teacher: Main[AnyPartOrNone] = None
    reranker: Main[AnyPartOrNone] = None
    fidelity: str = "faithful"

    def __post_init__(self) -> None:
        check_ranges(self)
        self.strategy.check(self.objective, self.constraints)
        self.strategy.check_tower(self.tower, self.name)
        if self.strategy.follows_gradients:
            similarity = self.similarity or self.strategy.similarity()
            check_compatibility(self.objective, self.tower, similarity, self.strategy)
        if self.reranker is not None and not self.is_binary:
            raise ValueError(f"{self.name} has no codes to find candidates, so reranker=None")

    def terms(self) -> RecipeTerms:
        """Objective and constraints by class name, with the tower and the similarity."""
        similarity = self.similarity or self.strategy.similarity()
        return RecipeTerms(self.objective, self.constraints, self.tower, similarity)

    @property
    def needs(self) -> frozenset[str]:
        """Names of the side information without which the method cannot be fitted."""
        return self._side_info("needs")

    @property
    def uses(self) -> frozenset[str]:
        """Names of all side information the method takes."""
        return self.needs | self._side_info("uses")

    def _side_info(self, attribute: str) -> frozenset[str]:
        parts = (*self.objective, *self.constraints, self.strategy.solver, self.tower)
        empty: frozenset[str] = frozenset()
        return frozenset().union(*(getattr(part, attribute, empty) for part in parts))

    @property
    def is_binary(self) -> bool:
        """Whether the method yields codes (else float factors)."""
        return self.strategy.is_binary


def to_json(part: Any) -> Any:
    """A JSON value from which :func:`from_json` makes an equal part."""
    if isinstance(part, tuple):
        return [to_json(value) for value in part]
    if dataclasses.is_dataclass(part):
        fields = (field.name for field in dataclasses.fields(part))
        return {"part": type(part).__name__, **{f: to_json(getattr(part, f)) for f in fields}}
    return part.item() if isinstance(part, np.generic) else part


def from_json(value: Any) -> Any:
    """Rebuild a part from :func:`to_json`; unknown part names raise ``ValueError``."""
    if isinstance(value, list):
        return tuple(from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    body = {key: from_json(item) for key, item in value.items() if key != "part"}
    name = value.get("part")
    if name == "Recipe":
        return Recipe(**body)
    for room in PART_ROOMS:
        part = getattr(importlib.import_module(room), str(name), None)
        if isinstance(part, type) and dataclasses.is_dataclass(part):
            return part(**body)
    raise ValueError(f"the file names an unknown part {name!r}; it needs a newer hashrec_fast?")
