# SPDX-License-Identifier: Apache-2.0
"""Vocabulary of fits: what solvers are given, how they read terms, what they give back.

The roles that a term can have are in :mod:`hashrec_fast.roles`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.kernels.row_terms import RowLinear

if TYPE_CHECKING:
    from hashrec_fast.solvers.state import SignState

Role = TypeVar("Role")


def silent(row: dict[str, Any]) -> None:
    """Drop a report."""
    del row


@dataclass(frozen=True)
class FitContext:
    """Settings of one fit.

    Attributes
    ----------
    n_bits : int
        Code length; the number of factors for a float method.
    rng : numpy.random.Generator
    num_threads : int
        0 uses all cores; the result does not depend on it.
    validation : csr_matrix or None
        Held-out pairs for choices inside the fit; ``None`` lets the solver hold out its own.
    report : callable
        Called after each round with a dict of what was measured.
    side_info : SideInfo
        Features, social links, a second behaviour; empty for methods that use none.
    device : str
        For methods trained with torch.
    binarizer : part or None
        What losses see of real outputs while a training loop follows gradients.
    finish : callable or None
        Turns the real outputs of both sides into codes, or into factors of a float method.
    checkpoint : path or None
        File in which a training loop keeps its state, and from which it goes on.
    """

    n_bits: int
    rng: np.random.Generator
    num_threads: int = 0
    validation: sp.csr_matrix | None = None
    report: Callable[[dict[str, Any]], None] = silent
    side_info: SideInfo = field(default_factory=SideInfo)
    device: str = "cpu"
    binarizer: Any = None
    finish: Callable[[NDArray[Any], NDArray[Any], tuple[int, ...]], Solution] | None = None
    checkpoint: Path | None = None


@dataclass
class Solution:
    """Result of a solver, into which new rows are folded.

    Attributes
    ----------
    user, item : arrays
        uint64 codes (n, n_words), or float32 factors (n, n_factors) of a float method.
    arrays : dict
        Further arrays that folding in needs; saved with the model.
    facts : dict
        JSON values that folding in needs or a user may want to see; saved with the model.
    history : list of dict
        One row per round.
    """

    user: NDArray[Any]
    item: NDArray[Any]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)


class Terms:
    """Objective and constraints of one recipe, with its tower and similarity.

    A solver takes what it uses; what is left over is in :meth:`unread`, so that no term can be
    lost in silence.

    Parameters
    ----------
    objective, constraints : sequences of terms
    tower : Tower or None
    similarity : Similarity or None

    Examples
    --------
    >>> from hashrec_fast.losses import MSE, BalanceDecorrelation
    >>> from hashrec_fast.roles import RatingTerm
    >>> terms = Terms((MSE(),), (BalanceDecorrelation(),))
    >>> terms.one(RatingTerm, "a solver")
    MSE(scale=None)
    >>> [type(term).__name__ for term in terms.unread()]
    ['BalanceDecorrelation']
    """

    def __init__(
        self,
        objective: Sequence[Any],
        constraints: Sequence[Any] = (),
        tower: Any = None,
        similarity: Any = None,
    ) -> None:
        self.objective, self.constraints = tuple(objective), tuple(constraints)
        self.tower, self.similarity = tower, similarity
        self._read: set[int] = set()
        self.asked: list[type] = []
        """Roles asked for so far, in order."""

    @property
    def parts(self) -> tuple[Any, ...]:
        """All terms, those of the objective first."""
        return (*self.objective, *self.constraints)

    def look(self, role: type[Role]) -> tuple[Role, ...]:
        """Terms that have a role, without taking them."""
        if role not in self.asked:
            self.asked.append(role)
        return tuple(part for part in self.parts if isinstance(part, role))

    def take(self, part: Role) -> Role:
        """The term ``part`` itself, noted as read where it first stands.

        A term that stands twice is read once, so that the second one is seen to be left over.
        """
        self._read.add(next(at for at, other in enumerate(self.parts) if other is part))
        return part

    def every(self, role: type[Role]) -> tuple[Role, ...]:
        """All terms that have a role."""
        found = self.look(role)
        self._read |= {at for at, part in enumerate(self.parts) if isinstance(part, role)}
        return found

    def maybe(self, role: type[Role]) -> Role | None:
        """The first term that has a role; ``None`` if none has it. A second one stays unread."""
        found = self.look(role)
        return self.take(found[0]) if found else None

    def one(self, role: type[Role], reader: str) -> Role:
        """The first term that has a role.

        Raises
        ------
        ValueError
            Where none has it, naming ``reader``, what it needs and what there is.
        """
        found = self.maybe(role)
        if found is None:
            raise ValueError(f"{reader} needs {meaning(role)}, got {self.names() or 'no terms'}")
        return found

    def partner(self, role: type[Role], of: object) -> Role:
        """The first term that has a role; ``ValueError`` that ``of`` means nothing without it."""
        found = self.maybe(role)
        if found is None:
            raise ValueError(
                f"{type(of).__name__} means nothing alone; add {meaning(role)} to the objective"
            )
        return found

    def has_asked_role(self, part: object) -> bool:
        """Whether a term has one of the roles asked for so far."""
        return any(isinstance(part, role) for role in self.asked)

    def unread(self) -> tuple[Any, ...]:
        """Terms that nobody took."""
        return tuple(part for at, part in enumerate(self.parts) if at not in self._read)

    def names(self) -> str:
        """Class names of all terms, for messages."""
        return ", ".join(type(part).__name__ for part in self.parts)


def meaning(role: type) -> str:
    """First line of a role's docstring, as it stands inside a sentence."""
    line = (role.__doc__ or role.__name__).strip().splitlines()[0].rstrip(".")
    return line[0].lower() + line[1:]


States: TypeAlias = "dict[str, SignState]"
"""Codes by side: "user", "item" and, for some methods, a third matrix."""


class DataTerm(Protocol):
    """Data term: the part of an objective that ties the sides together, bound to training data."""

    sides: tuple[str, ...]
    n_bits: int
    size: int
    """Number of terms of the sum, by which the reported objective is divided."""

    def refresh(self, side: str, states: States) -> None:
        """Prepare for a pass over ``side``, for instance expand a majoriser at the codes."""

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of ``side``, in place; returns the number of bits changed."""

    def loss(self, states: States) -> float:
        """The sum on the raw scale, where scores and targets lie in [-n_bits, n_bits]."""


class StartingDataTerm(DataTerm, Protocol):
    """Data term that gives codes to start from, as solvers with ``start="relaxed"`` ask."""

    def start(self, weights: tuple[float, float], context: FitContext, *, rounds: int) -> States:
        """Signs of its real-valued solution, by the delegates' ``weights`` of users and items."""


class PointwiseDataTerm(StartingDataTerm, Protocol):
    """Data term of :class:`hashrec_fast.solvers.DCD`, which keeps facts for rows never seen."""

    def facts(self) -> dict[str, Any]:
        """JSON values that new rows need."""


class LinearTerm(Protocol):
    """Linear term ``-2 a_u'b_u`` of one side, bound to training data; constants are dropped."""

    side: str

    def linear(self, states: States) -> RowLinear:
        """Coefficients ``a`` of all rows of the side for the coming pass."""

    def update(self, states: States) -> None:
        """Make the auxiliary variables again from the codes."""

    def value(self, states: States) -> float:
        """The term's part of the objective, without what is constant over +-1 codes."""

    def export(self) -> dict[str, NDArray[Any]]:
        """Arrays to keep with the model, such as a map from features to codes."""


class Solver(Protocol):
    """Solver part, as strategies see it; see the class attributes of any solver for more."""

    def read(self, terms: Terms) -> Any:
        """The terms that the solver uses; ``ValueError`` where it lacks one.

        Called when a recipe is made, and by the solver itself when it fits, so that what is left
        unread then is refused before any data is seen.
        """

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes or factors to ``user_items``."""

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes or factors of new rows of one side ("user" or "item"), the other side fixed."""


def refuse_teacher(solver: object, teacher: object) -> None:
    """Raise ``ValueError`` where a teacher was given to a solver that follows none."""
    if teacher is not None:
        raise ValueError(f"{type(solver).__name__} has no use for a teacher; set teacher=None")
