# SPDX-License-Identifier: Apache-2.0
"""The survey's strategies; each accepts only the objectives it can optimise."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast._utils import one_blas_thread
from hashrec_fast.binarizers import Binarizer, Identity, Step
from hashrec_fast.contracts import FitContext, Solution, Solver, Terms, meaning
from hashrec_fast.retrieval.similarities import Hamming, InnerProduct, Similarity


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """Base of all strategies: a solver and the rules of what it may be given.

    Attributes
    ----------
    solver : Solver
        What finds codes or factors.
    """

    solver: Solver
    is_binary: ClassVar[bool] = True
    label: ClassVar[str] = "strategy"

    def similarity(self) -> Similarity:
        """Similarity by which rows are scored where a recipe does not say."""
        return Hamming() if self.is_binary else InnerProduct()

    @property
    def scales_rows(self) -> bool:
        """Whether exported signs have a real scale per row and layer."""
        return False

    @property
    def follows_gradients(self) -> bool:
        """Whether a tower is trained by the loop of :mod:`hashrec_fast.training.loop`."""
        return hasattr(self.solver, "check_terms")

    def check_tower(self, tower: Any, name: str) -> None:
        """Raise ``ValueError`` for a tower nobody trains, or where one is missing."""
        if self.follows_gradients and tower is None:
            raise ValueError(f"{name} follows gradients, so it needs a tower; got None")
        if not self.follows_gradients and tower is not None:
            raise ValueError(
                f"{name} has a tower, {type(tower).__name__}, "
                f"but {type(self.solver).__name__} trains none"
            )

    def check_device(self, device: str) -> None:
        """Raise ``ValueError`` for a device the strategy cannot use."""
        if self.follows_gradients:
            from hashrec_fast.torch_scope import torch_device  # noqa: PLC0415 - torch

            torch_device(device)
        elif device != "cpu":
            raise ValueError(f"a {self.label} method runs on device='cpu' only, got {device!r}")

    def fit(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Let the solver fit codes or factors to ``user_items``."""
        with one_blas_thread():
            return self.solver.solve(user_items, terms, teacher, context)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes or factors of new rows from their interactions."""
        return self.solver.fold_in(rows, side, fitted, terms, context)

    def feature_sides(self, terms: Terms) -> frozenset[str]:
        """Sides whose new rows can be encoded from features alone."""
        sides = getattr(self.solver, "feature_sides", None)
        return frozenset() if sides is None else frozenset(sides(terms))

    def encode(
        self, features: Any, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes or factors of new rows from their features, one matrix per view."""
        del context
        solver: Any = self.solver
        return np.asarray(solver.encode(features, side, fitted, terms))

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Raise ``ValueError`` where the objective does not fit the strategy or its solver."""
        if not objective:
            raise ValueError(f"{self.label} needs at least one objective term, got none")
        if self.follows_gradients:
            solver: Any = self.solver
            solver.check_terms(tuple(objective), tuple(constraints))
            return
        self._check_read(objective, constraints)

    def _check_read(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Raise ``ValueError`` for a term of which the solver reads nothing."""
        terms, solver = Terms(objective, constraints), type(self.solver).__name__
        missing = None
        try:
            self.solver.read(terms)
        except ValueError as error:
            missing = error
        if lost := [term for term in terms.unread() if not terms.has_asked_role(term)]:
            raise ValueError(
                f"{solver} cannot optimise {type(lost[0]).__name__}; it takes "
                f"{'; '.join(meaning(role) for role in terms.asked)}"
            )
        if missing is not None:
            raise missing
        if unread := terms.unread():
            raise ValueError(
                f"{solver} cannot optimise {type(unread[0]).__name__} together with the others of "
                f"{terms.names()}; nothing would be read of it"
            )


@dataclass(frozen=True, kw_only=True)
class OneStage(Strategy):
    """Strategy that optimises codes directly, bit by bit (survey, section III-B2)."""

    label: ClassVar[str] = "one-stage"

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Check as :meth:`Strategy.check` does; terms must be quadratic or have a majoriser."""
        for term in objective:
            if not (term.quadratic or term.majorised):
                raise ValueError(
                    f"{type(term).__name__} has neither a quadratic form nor a majoriser, so "
                    "one-stage solvers cannot optimise it; use Proximal"
                )
        if getattr(self.solver, "real", False):
            raise ValueError(
                f"{type(self.solver).__name__} gives real factors, which OneStage does not "
                "quantise; use ForwardApproximation"
            )
        super().check(objective, constraints)


@dataclass(frozen=True, kw_only=True)
class Proximal(Strategy):
    """Strategy on a path from a convex to a concave objective (survey, section III-B2, eq. 50)."""

    label: ClassVar[str] = "proximal"

    def check_device(self, device: str) -> None:
        """Raise ``ValueError`` for a device that torch does not know or see."""
        from hashrec_fast.torch_scope import torch_device  # noqa: PLC0415 - torch

        torch_device(device)

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Raise ``ValueError`` unless there is one differentiable loss, whichever it is."""
        if len(objective) != 1:
            raise ValueError(f"a proximal method minimises one loss, got {len(objective)}")
        for term in objective:
            if not term.differentiable or term.samples == "batch":
                raise ValueError(
                    f"{type(term).__name__} has no differentiable value over lists of scores, so "
                    "Proximal cannot optimise it"
                )
        self._check_read(objective, constraints)


@dataclass(frozen=True, kw_only=True)
class FloatFactors(Strategy):
    """Strategy without hashing: real factors, the reference that codes are measured against.

    Attributes
    ----------
    activation : Binarizer
        What losses see of real outputs while gradients are followed. Factors are exported through
        it as well, as it is at the end of training: relaxed codes, such as of a tanh.
    """

    activation: Binarizer = field(default_factory=Identity)
    is_binary: ClassVar[bool] = False
    label: ClassVar[str] = "float"

    def fit(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit as :meth:`Strategy.fit` does; a training loop sees real vectors and exports them."""
        similarity = terms.similarity

        def finish(user: NDArray[Any], item: NDArray[Any], blocks: tuple[int, ...]) -> Solution:
            sides = [similarity.exported(self._relaxed(rows)) for rows in (user, item)]
            return Solution(sides[0], sides[1], facts={"blocks": list(blocks)})

        context = dataclasses.replace(context, binarizer=self.activation, finish=finish)
        return super().fit(user_items, terms, teacher, context)

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Check as :meth:`Strategy.check` does; an activation must be smooth."""
        if self.activation.kind != "forward":
            raise ValueError(f"{type(self.activation).__name__} gives codes; FloatFactors has none")
        super().check(objective, constraints)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Factors of new rows; what the tower itself encodes goes through the activation."""
        found = super().fold_in(rows, side, fitted, terms, context)
        tower = terms.tower
        return found if tower is None or side not in tower.row_sides() else self._relaxed(found)

    def _relaxed(self, rows: NDArray[Any]) -> NDArray[Any]:
        if isinstance(self.activation, Identity):
            return rows
        import torch  # noqa: PLC0415 - import time

        epochs = self.solver.epochs  # type: ignore[attr-defined]
        end = Step(epoch=epochs, epochs=epochs, training=False)
        return np.asarray(self.activation.relax(torch.from_numpy(rows), end).numpy())
