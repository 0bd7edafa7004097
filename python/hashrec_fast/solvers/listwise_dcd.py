# SPDX-License-Identifier: Apache-2.0
"""Listwise discrete coordinate descent as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Fitted, Terms
from hashrec_fast.ranges import Count, Main
from hashrec_fast.solvers.data_terms.plackett_luce import PlackettLuceDataTerm, square_fit
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.dcd import DCD
from hashrec_fast.solvers.linear_terms import BINDERS, ENCODERS, bind_linear_terms
from hashrec_fast.solvers.new_rows import codes_of_new_rows


@dataclass(frozen=True, kw_only=True)
class ListwiseDCD(DCD):
    """Bit-wise descent on the bound of a Plackett-Luce likelihood (survey eqs. 23-25).

    Attributes
    ----------
    start, start_rounds, sweeps : as in :class:`DCD`
    rounds : int
        Most rounds. Every one has lists of its own, so that codes go on changing a little.
    """

    supported: ClassVar[frozenset[str]] = frozenset({"PlackettLuce", *BINDERS, *ENCODERS})
    rounds: Main[Count] = 20

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Fitted:
        """Fit codes to the order of the stored ratings of ``user_items``."""
        if teacher is not None:
            raise ValueError("ListwiseDCD has no use for a teacher; set teacher=None")
        if "PlackettLuce" not in terms:
            raise ValueError("ListwiseDCD needs a PlackettLuce term in the objective")
        term = terms["PlackettLuce"]
        fit = PlackettLuceDataTerm(
            user_items,
            context.n_bits,
            context.rng,
            sharpness=term.sharpness,
            list_length=term.list_length,
            negatives=term.negatives,
        )
        states = self._start(fit, user_items, terms, context)
        fitted = self._descend(fit, bind_linear_terms(terms, states, context), states, context)
        fitted.facts |= RatingScale.of(user_items).facts()
        return fitted

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows by least squares on their ratings, from which training starts too.

        Lists would need draws for the row, and a new item the lists of its users; a row's code
        shall depend on nothing but the row.
        """
        del terms
        other = fitted.item if side == "user" else fitted.user
        fit = square_fit(rows, RatingScale.from_facts(fitted.facts), context.n_bits)
        return codes_of_new_rows(
            fit, rows.shape[0], other, sweeps=self.sweeps, num_threads=context.num_threads
        )
