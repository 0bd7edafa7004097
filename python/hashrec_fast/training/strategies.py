# SPDX-License-Identifier: Apache-2.0
"""The survey's strategies; each accepts only the objectives it can optimise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast._utils import one_blas_thread
from hashrec_fast.quantizers import Quantizer, Sign
from hashrec_fast.solvers.context import FitContext, Fitted, Terms


class Solver(Protocol):
    """What a strategy asks of a solver part."""

    @property
    def supported(self) -> frozenset[str]:
        """Class names of the terms it can optimise."""

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Fitted:
        """Fit codes or factors to ``user_items``."""

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes or factors of new rows of one side ("user" or "item"), the other side fixed."""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """Base: a solver and the rules of what it may be given."""

    solver: Solver
    is_binary: ClassVar[bool] = True
    label: ClassVar[str] = "strategy"

    def check_device(self, device: str) -> None:
        """Raise ``ValueError`` for a device the strategy cannot use."""
        if device != "cpu":
            raise ValueError(f"a {self.label} method runs on device='cpu' only, got {device!r}")

    def binders(self, terms: Terms) -> Mapping[str, Any]:
        """Binders of terms that solvers cannot import themselves; see ``FitContext.binders``."""
        del terms
        return {}

    def fit(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Fitted:
        """Let the solver fit codes or factors to ``user_items``."""
        context = dataclasses.replace(context, binders=self.binders(terms))
        with one_blas_thread():
            return self.solver.solve(user_items, terms, teacher, context)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes or factors of new rows from their interactions."""
        return self.solver.fold_in(rows, side, fitted, terms, context)

    def feature_sides(self, terms: Terms) -> frozenset[str]:
        """Sides whose new rows can be encoded from features alone."""
        sides = getattr(self.solver, "feature_sides", None)
        return frozenset() if sides is None else frozenset(sides(terms))

    def encode(
        self, features: Any, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes or factors of new rows from their features, one matrix per view."""
        del context
        solver: Any = self.solver
        return np.asarray(solver.encode(features, side, fitted, terms))

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Raise ``ValueError`` where the objective does not fit the strategy or its solver."""
        if not objective:
            raise ValueError(f"{self.label} needs at least one objective term, got none")
        for term in (*objective, *constraints):
            name = type(term).__name__
            if name not in self.solver.supported:
                raise ValueError(
                    f"{type(self.solver).__name__} cannot optimise {name}; "
                    f"it takes {', '.join(sorted(self.solver.supported))}"
                )
        names = {type(term).__name__ for term in (*objective, *constraints)}
        for term in (*objective, *constraints):
            beside: frozenset[str] = getattr(term, "beside", frozenset())
            if beside and not names & beside:
                raise ValueError(
                    f"{type(term).__name__} means nothing alone; "
                    f"add {' or '.join(sorted(beside))} to the objective"
                )


@dataclass(frozen=True, kw_only=True)
class OneStage(Strategy):
    """Codes are optimised directly, bit by bit (survey, section III-B2)."""

    label: ClassVar[str] = "one-stage"

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """As :meth:`Strategy.check`; every term must be quadratic or have a majoriser."""
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

    def binders(self, terms: Terms) -> Mapping[str, Any]:
        """The network's binder where there is one, so that solvers need no torch."""
        if "ContentNetwork" not in terms:
            return {}
        from hashrec_fast.training.content_network import bind_network  # noqa: PLC0415 - torch

        return {"ContentNetwork": bind_network}


@dataclass(frozen=True, kw_only=True)
class ForwardApproximation(Strategy):
    """Real factors first, then codes by a quantiser (survey, section III-B1).

    The model keeps the factors, so that new rows are folded in as real ones and quantised by
    what the quantiser learnt in training.
    """

    label: ClassVar[str] = "two-stage (forward)"
    quantizer: Quantizer = field(default_factory=Sign)

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """As :meth:`Strategy.check`; the solver must give real factors."""
        if not getattr(self.solver, "real", False):
            raise ValueError(
                f"{type(self.solver).__name__} gives codes, there is nothing to quantise; "
                "ForwardApproximation takes solvers of real factors"
            )
        super().check(objective, constraints)

    def fit(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Fitted:
        """Let the solver fit real factors and quantise them."""
        fitted = super().fit(user_items, terms, teacher, self._real(context))
        real = {"user": fitted.user, "item": fitted.item}
        with one_blas_thread():
            state = self.quantizer.fit(fitted.user, fitted.item, context.rng)
            fitted.user, fitted.item = (
                self.quantizer.codes(x, side, state, context.n_bits) for side, x in real.items()
            )
        fitted.arrays |= {f"real_{side}": x for side, x in real.items()}
        fitted.arrays |= {f"quantizer_{name}": array for name, array in state.items()}
        return fitted

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows: real factors by the solver, then the quantiser of training."""
        with one_blas_thread():
            real = self.solver.fold_in(rows, side, _real(fitted), terms, self._real(context))
            return self._codes(real, side, fitted, context)

    def encode(
        self, features: Any, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """As :meth:`fold_in`, from features."""
        with one_blas_thread():
            real = super().encode(features, side, _real(fitted), terms, self._real(context))
            return self._codes(real, side, fitted, context)

    def _real(self, context: FitContext) -> FitContext:
        """The context whose number of bits is the number of real columns."""
        n_real = context.n_bits - self.quantizer.extra_bits(context.n_bits)
        return dataclasses.replace(context, n_bits=n_real)

    def _codes(
        self, real: NDArray[Any], side: str, fitted: Fitted, context: FitContext
    ) -> NDArray[np.uint64]:
        prefix = "quantizer_"
        state = {
            name.removeprefix(prefix): array
            for name, array in fitted.arrays.items()
            if name.startswith(prefix)
        }
        return self.quantizer.codes(real, side, state, context.n_bits)


def _real(fitted: Fitted) -> Fitted:
    """What the solver returned: factors in the place of codes."""
    arrays = fitted.arrays
    return dataclasses.replace(fitted, user=arrays["real_user"], item=arrays["real_item"])


@dataclass(frozen=True, kw_only=True)
class Proximal(Strategy):
    """Codes on a path from a convex to a concave objective (survey, section III-B2, eq. 50)."""

    label: ClassVar[str] = "proximal"

    def check_device(self, device: str) -> None:
        """As :meth:`Strategy.check_device`; "cuda" needs a torch that sees such a device."""
        from hashrec_fast.training.torch_scope import torch_device  # noqa: PLC0415 - torch

        torch_device(device)

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Raise ``ValueError`` unless there is one differentiable loss, whichever it is."""
        if len(objective) != 1:
            raise ValueError(f"a proximal method minimises one loss, got {len(objective)}")
        for term in objective:
            if not term.differentiable:
                raise ValueError(
                    f"{type(term).__name__} has no differentiable value over lists of scores, so "
                    "Proximal cannot optimise it"
                )
        for part in constraints:
            name = type(part).__name__
            if name not in self.solver.supported:
                raise ValueError(f"{type(self.solver).__name__} has no use for {name}")


@dataclass(frozen=True, kw_only=True)
class FloatFactors(Strategy):
    """No hashing: real-valued factors, the reference that codes are measured against."""

    is_binary: ClassVar[bool] = False
    label: ClassVar[str] = "float"


def terms_by_name(objective: Sequence[Any], constraints: Sequence[Any]) -> Terms:
    """Objective and constraint parts by class name."""
    return {type(term).__name__: term for term in (*objective, *constraints)}
