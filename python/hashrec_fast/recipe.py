# SPDX-License-Identifier: Apache-2.0
"""A method as data: what is minimised, how, and the facts of its paper."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hashrec_fast.contracts import Terms, refuse_teacher
from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import AnyPart, AnyPartOrNone, Main
from hashrec_fast.recipe_parameters import check_ranges
from hashrec_fast.retrieval.registry import FACTOR_INDEX, INDEX_KINDS
from hashrec_fast.retrieval.similarities import Similarity
from hashrec_fast.towers.base import Tower
from hashrec_fast.training.compatibility import check_compatibility
from hashrec_fast.training.strategies import Strategy

FIDELITY = re.compile(r"faithful|own|(simplified|reconstruction): \S.*", re.DOTALL)


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
        How far the method is the paper's: "faithful", "own" for what is no paper's, "simplified:
        <what was left out>" or "reconstruction: <what is a guess>".
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
    fidelity: str

    def __post_init__(self) -> None:
        if not isinstance(self.fidelity, str) or not FIDELITY.fullmatch(self.fidelity):
            raise ValueError(
                f"fidelity must be 'faithful', 'own', 'simplified: ...' or 'reconstruction: ...', "
                f"got {self.fidelity!r}"
            )
        self._check_kinds()
        check_ranges(self)
        self.strategy.check(self.objective, self.constraints)
        self.strategy.check_tower(self.tower, self.name)
        if self.strategy.follows_gradients:
            check_compatibility(self.objective, self.tower, self.scored_by, self.strategy)
        else:
            self._check_similarity()
        self._check_teacher()
        if self.reranker is not None and not self.is_binary:
            raise ValueError(f"{self.name} has no codes to find candidates, so reranker=None")

    def _check_kinds(self) -> None:
        """Raise ``TypeError`` for a part in the place of another one."""
        if self.similarity is not None and not isinstance(self.similarity, Similarity):
            raise TypeError(f"similarity must be a Similarity, got {self.similarity!r}")
        if self.tower is not None and not isinstance(self.tower, Tower):
            raise TypeError(f"tower must be a Tower, got {self.tower!r}")
        if self.reranker is not None and not hasattr(self.reranker, "train"):
            raise TypeError(f"reranker must be a FloatReranker, got {self.reranker!r}")
        if not isinstance(self.name, str) or not self.name.strip():
            raise TypeError(f"name must be a text, got {self.name!r}")
        if self.feedback not in ("implicit", "explicit"):
            raise ValueError(f"feedback must be 'implicit' or 'explicit', got {self.feedback!r}")

    def _check_teacher(self) -> None:
        """Raise ``ValueError`` for a teacher nobody follows, or a term left without one."""
        solver = self.strategy.solver
        if self.teacher is not None:
            check = getattr(solver, "check_teacher", None)
            refuse_teacher(solver, self.teacher) if check is None else check(self.teacher)
            return
        followers = [term for term in self.objective if getattr(term, "needs_teacher", False)]
        if followers and ("objective",) not in self.idle:
            raise ValueError(f"{type(followers[0]).__name__} follows a teacher, got teacher=None")

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
        """Similarity by which two rows are scored: the recipe's or the strategy's own."""
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
    def idle(self) -> dict[tuple[str | int, ...], str]:
        """Fields that the solver does not read beside the others, and why, by their path."""
        idle = getattr(self.strategy.solver, "idle", None)
        return {} if idle is None else idle(self.teacher)

    @property
    def kind(self) -> str:
        """Kind of rows the method yields, "codes" or "factors"."""
        return "codes" if self.is_binary else "factors"

    @property
    def is_binary(self) -> bool:
        """Whether the method yields codes (else float factors)."""
        return self.strategy.is_binary
