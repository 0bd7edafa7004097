# SPDX-License-Identifier: Apache-2.0
"""Two-stage methods with a forward approximation: real factors first, then codes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast._utils import one_blas_thread
from hashrec_fast.binarizers import Binarizer, Identity
from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.quantizers import Quantizer, Sign
from hashrec_fast.training.strategies import Strategy

PREFIX = "quantizer_"


@dataclass(frozen=True, kw_only=True)
class ForwardApproximation(Strategy):
    """Strategy of real factors, by a solver or by gradients, then a quantiser (survey III-B1).

    A solver's model keeps the factors, so that new rows are folded in as real ones and quantised
    by what the quantiser learnt in training.

    Attributes
    ----------
    activation : Binarizer
        What losses see of real outputs while gradients are followed, such as an annealed tanh.
    quantizer : Quantizer
        What makes codes of the factors.
    """

    label: ClassVar[str] = "two-stage (forward)"
    activation: Binarizer = field(default_factory=Identity)
    quantizer: Quantizer = field(default_factory=Sign)

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Check as :meth:`Strategy.check` does; the solver must give real factors."""
        if not (self.follows_gradients or getattr(self.solver, "real", False)):
            raise ValueError(
                f"{type(self.solver).__name__} gives codes, there is nothing to quantise; "
                "ForwardApproximation takes solvers of real factors"
            )
        if self.activation.kind != "forward":
            raise ValueError(
                f"{type(self.activation).__name__} puts signs into the loop; "
                "use BackwardApproximation"
            )
        super().check(objective, constraints)

    def fit(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Let the solver fit real factors and quantise them."""
        seed = int(context.rng.integers(2**31))  # one for all looks at the codes while training

        def finish(
            user: NDArray[Any], item: NDArray[Any], blocks: tuple[int, ...] = ()
        ) -> Solution:
            return self._quantised(user, item, blocks, seed, context.n_bits)

        inner = dataclasses.replace(self._real(context), binarizer=self.activation, finish=finish)
        fitted = super().fit(user_items, terms, teacher, inner)
        if self.follows_gradients:
            return fitted
        real = {"real_user": fitted.user, "real_item": fitted.item}
        codes = finish(fitted.user, fitted.item)
        fitted.user, fitted.item = codes.user, codes.item
        fitted.arrays |= real | codes.arrays
        return fitted

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows: real factors by the solver, then the quantiser of training."""
        with one_blas_thread():
            if self.follows_gradients:
                real = self.solver.fold_in(rows, side, fitted, terms, context)
            else:
                real = self.solver.fold_in(rows, side, _real(fitted), terms, self._real(context))
            if real.dtype == np.uint64:  # the solver went for the codes themselves
                return real
            return self._codes(real, side, fitted, context)

    def encode(
        self, features: Any, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows from their features, by the quantiser of training."""
        with one_blas_thread():
            inner = fitted if self.follows_gradients else _real(fitted)
            real = super().encode(features, side, inner, terms, self._real(context))
            return self._codes(real, side, fitted, context)

    def _real(self, context: FitContext) -> FitContext:
        """The context whose number of bits is the number of real columns."""
        n_real = context.n_bits - self.quantizer.extra_bits(context.n_bits)
        return dataclasses.replace(context, n_bits=n_real)

    def _quantised(
        self,
        user: NDArray[Any],
        item: NDArray[Any],
        blocks: tuple[int, ...],
        seed: int,
        n_bits: int,
    ) -> Solution:
        with one_blas_thread():
            state = self.quantizer.fit(user, item, np.random.default_rng(seed))
            sides = {"user": user, "item": item}
            codes = [self.quantizer.codes(x, side, state, n_bits) for side, x in sides.items()]
        arrays = {PREFIX + name: array for name, array in state.items()}
        return Solution(
            codes[0], codes[1], arrays, facts={"blocks": list(blocks)} if blocks else {}
        )

    def _codes(
        self, real: NDArray[Any], side: str, fitted: Solution, context: FitContext
    ) -> NDArray[np.uint64]:
        state = {
            name.removeprefix(PREFIX): array
            for name, array in fitted.arrays.items()
            if name.startswith(PREFIX)
        }
        return self.quantizer.codes(real, side, state, context.n_bits)


def _real(fitted: Solution) -> Solution:
    """Solution of the solver, with factors in the place of codes."""
    arrays = fitted.arrays
    return dataclasses.replace(fitted, user=arrays["real_user"], item=arrays["real_item"])
