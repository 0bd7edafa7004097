# SPDX-License-Identifier: Apache-2.0
"""Listwise discrete coordinate descent as a recipe part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.context import FitContext, Fitted, Terms
from hashrec_fast.solvers.fits.plackett_luce import PlackettLuceFit, square_fit
from hashrec_fast.solvers.fits.targets import RatingScale
from hashrec_fast.solvers.pointwise_dcd import DCD
from hashrec_fast.solvers.pulls import BINDERS, ENCODERS, bind_pulls
from hashrec_fast.solvers.state import SignState, padded_width


@dataclass(frozen=True, kw_only=True)
class ListwiseDCD(DCD):
    """Bit-wise descent on the bound of a Plackett-Luce likelihood (survey eqs. 23-25).

    Attributes
    ----------
    start, start_rounds, rounds, sweeps : as in :class:`DCD`
        Every round has lists of its own, so that codes go on changing a little.
    """

    supported: ClassVar[frozenset[str]] = frozenset({"PlackettLuce", *BINDERS, *ENCODERS})
    rounds: int = 20

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Fitted:
        """Fit codes to the order of the stored ratings of ``user_items``."""
        if teacher is not None:
            raise ValueError("ListwiseDCD has no use for a teacher; set teacher=None")
        if "PlackettLuce" not in terms:
            raise ValueError("ListwiseDCD needs a PlackettLuce term in the objective")
        term = terms["PlackettLuce"]
        fit = PlackettLuceFit(
            user_items,
            context.n_bits,
            context.rng,
            sharpness=term.sharpness,
            list_length=term.list_length,
            negatives=term.negatives,
        )
        states = self._start(fit, user_items, terms, context)
        pulls = bind_pulls(terms, states, context)
        history = alternate(
            fit,
            pulls,
            states,
            rounds=self.rounds,
            sweeps=self.sweeps,
            num_threads=context.num_threads,
            on_round=context.report,
        )
        arrays = {name: a for pull in pulls for name, a in pull.export().items()}
        facts = RatingScale.of(user_items).facts()
        return Fitted(states["user"].codes(), states["item"].codes(), arrays, facts, list(history))

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Fitted, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows by least squares on their ratings, from which training starts too.

        Lists would need draws for the row, and a new item the lists of its users; a row's code
        shall depend on nothing but the row.
        """
        del terms
        n_bits = context.n_bits
        own = SignState(np.zeros((rows.shape[0], padded_width(n_bits)), dtype=np.int16), n_bits)
        own.values[:, :n_bits] = 256
        other = fitted.item if side == "user" else fitted.user
        states = {"user": own, "item": SignState.from_codes(other, n_bits)}
        fit = square_fit(rows, RatingScale.from_facts(fitted.facts), n_bits)
        for _ in range(3):
            changed = fit.half(
                "user", states, {}, sweeps=self.sweeps, num_threads=context.num_threads
            )
            if changed == 0:
                break
        return own.codes()
