# SPDX-License-Identifier: Apache-2.0
"""Listwise discrete coordinate descent as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.ranges import Count, Main
from hashrec_fast.roles import ListTerm
from hashrec_fast.solvers.data_terms.plackett_luce import rating_squares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.dcd import DCD
from hashrec_fast.solvers.linear_terms import bind_linear_terms, read_linear
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

    rounds: Main[Count] = 20

    def read(self, terms: Terms) -> object:
        """The likelihood of ranked lists, linear terms and encoders."""
        return self._loss(terms), read_linear(terms)

    def _loss(self, terms: Terms) -> ListTerm:
        return terms.one(ListTerm, type(self).__name__)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the order of the stored ratings of ``user_items``."""
        refuse_teacher(self, teacher)
        data_term = self._loss(terms).list_term(user_items, context)
        states = self._start(data_term, user_items, terms, context)
        fitted = self._descend(
            data_term, bind_linear_terms(terms, states, context), states, context
        )
        fitted.facts |= RatingScale.of(user_items).facts()
        return fitted

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows by least squares on their ratings, from which training starts too.

        Lists would need draws for the row, and a new item the lists of its users; a row's code
        shall depend on nothing but the row.
        """
        del terms
        other = fitted.item if side == "user" else fitted.user
        data_term = rating_squares(rows, RatingScale.from_facts(fitted.facts), context.n_bits)
        return codes_of_new_rows(
            data_term, rows.shape[0], other, sweeps=self.sweeps, num_threads=context.num_threads
        )
