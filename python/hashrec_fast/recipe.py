# SPDX-License-Identifier: Apache-2.0
"""A method as data: what is minimised, how, and the facts of its paper."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from hashrec_fast.contracts import Terms, refuse_teacher
from hashrec_fast.losses.base import Loss
from hashrec_fast.retrieval.registry import FACTOR_INDEX, INDEX_KINDS
from hashrec_fast.retrieval.similarities import Similarity
from hashrec_fast.training.compatibility import check_compatibility
from hashrec_fast.training.strategies import Strategy


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
    constraints : tuple of parts
    strategy : Strategy
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
    constraints: tuple[Any, ...] = ()
    strategy: Strategy
    tower: Any = None
    similarity: Any = None
    teacher: Any = None
    reranker: Any = None
    fidelity: str = "faithful"

    def __post_init__(self) -> None:
        self.strategy.check(self.objective, self.constraints)
        self.strategy.check_tower(self.tower, self.name)
        if self.strategy.follows_gradients:
            check_compatibility(self.objective, self.tower, self.scored_by, self.strategy)
        else:
            self._check_similarity()
        if not getattr(self.strategy.solver, "takes_teacher", False):
            refuse_teacher(self.strategy.solver, self.teacher)
        if self.reranker is not None and not self.is_binary:
            raise ValueError(f"{self.name} has no codes to find candidates, so reranker=None")

    def _check_similarity(self) -> None:
        """Raise ``ValueError`` for a similarity that ranks by what the solver does not learn."""
        solver = self.strategy.solver
        learnt: frozenset[str] = getattr(solver, "exports", frozenset())
        if lacking := sorted(set(self.scored_by.arrays) - learnt):
            raise ValueError(
                f"{type(self.scored_by).__name__} ranks by {', '.join(lacking)}, which "
                f"{type(solver).__name__} does not learn"
            )
        if not self.is_binary and not self.scored_by.ranks_factors:
            raise ValueError(
                f"{type(self.scored_by).__name__} ranks codes only, but "
                f"{type(self.strategy).__name__} has none; give InnerProduct or Cosine"
            )

    @property
    def scored_by(self) -> Similarity:
        """How two rows are scored: the recipe's similarity or the strategy's own."""
        return self.similarity or self.strategy.similarity()

    @property
    def index_kinds(self) -> tuple[str, ...]:
        """The kinds of index that can search what the method learns."""
        if not self.is_binary:
            return (FACTOR_INDEX,)
        return self.scored_by.index_kinds or tuple(INDEX_KINDS)

    def terms(self) -> Terms:
        """Objective and constraints with the tower and the similarity, as solvers read them."""
        return Terms(self.objective, self.constraints, self.tower, self.scored_by)

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


_FACTS = frozenset({"name", "title", "venue", "year", "reference", "task", "feedback", "fidelity"})


def flat_parameters(part: Any, prefix: str = "") -> dict[str, Any]:
    """All settable parameters of a recipe by double-underscore name.

    ``objective__1__weight`` is field ``weight`` of the second term; parts themselves are listed
    too (``teacher`` can be set to ``None``).
    """
    found: dict[str, Any] = {}
    for name, value in _children(part):
        if not prefix and name in _FACTS:
            continue
        found[prefix + name] = value
        if dataclasses.is_dataclass(value) or isinstance(value, tuple):
            found.update(flat_parameters(value, f"{prefix}{name}__"))
    return found


def with_parameters(part: Any, **changes: Any) -> Any:
    """A copy of ``part`` with flat parameters replaced; unknown names raise ``ValueError``."""
    nested: dict[str, dict[str, Any]] = {}
    direct: dict[str, Any] = {}
    names = dict(_children(part))
    for key, value in changes.items():
        head, _, rest = key.partition("__")
        if head not in names:
            known = ", ".join(sorted(names)) or "none"
            raise ValueError(f"unknown parameter {key!r}; {_label(part)} has: {known}")
        if rest:
            nested.setdefault(head, {})[rest] = value
        else:
            direct[head] = value
    for head, inner in nested.items():
        base = direct.get(head, names[head])
        if not (dataclasses.is_dataclass(base) or isinstance(base, tuple)):
            raise ValueError(f"{head!r} of {_label(part)} has no parameters, it is {base!r}")
        direct[head] = with_parameters(base, **inner)
    if isinstance(part, tuple):
        return tuple(direct.get(str(i), value) for i, value in enumerate(part))
    return dataclasses.replace(part, **{k: _like(names[k], v) for k, v in direct.items()})


_NEVER_NEGATIVE = frozenset({"alpha", "beta", "gamma", "reg", "balance", "decorrelation", "slope"})


def check_weights(recipe: Recipe) -> None:
    """Raise ``ValueError`` for a weight that is negative or not a number, naming it."""
    for name, value in flat_parameters(recipe).items():
        last = name.rsplit("__", 1)[-1]
        weight = last in _NEVER_NEGATIVE or last == "weight" or last.endswith("_weight")
        if weight and isinstance(value, (int, float)) and not 0 <= value < math.inf:
            raise ValueError(f"{name} must be a number of at least 0, got {value!r}")


def _like(old: Any, new: Any) -> Any:
    """Numbers take the type of the value they replace, so that 1 may stand for 1.0."""
    if isinstance(old, float) and isinstance(new, int) and not isinstance(new, bool):
        return float(new)
    return new


def _children(part: Any) -> list[tuple[str, Any]]:
    if isinstance(part, tuple):
        return [(str(i), value) for i, value in enumerate(part)]
    if dataclasses.is_dataclass(part):
        return [(f.name, getattr(part, f.name)) for f in dataclasses.fields(part)]
    return []


def _label(part: Any) -> str:
    return getattr(part, "name", type(part).__name__) if not isinstance(part, tuple) else "tuple"
