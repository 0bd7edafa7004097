# SPDX-License-Identifier: Apache-2.0
"""Proximal sign optimisation as a recipe part: any differentiable loss over sampled lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms, refuse_teacher
from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import NonNegative, ZeroOrMore
from hashrec_fast.roles import MachineScore
from hashrec_fast.training.gnccp_path import GnccpPath


@dataclass(frozen=True, kw_only=True)
class GNCCP:
    """Graduated non-convexity and concavity with Frank-Wolfe steps, then bit flips.

    Attributes
    ----------
    path : GnccpPath
        How the objective turns from convex to concave.
    negatives : float
        Unobserved items per observed one in a user's list, drawn once. Losses of ratings
        (quadratic ones) see none.
    polish_sweeps : int
        Most sweeps of single bit flips of the users on the true loss at the end.
    """

    path: GnccpPath = field(default_factory=GnccpPath)
    negatives: NonNegative = 4.0
    polish_sweeps: ZeroOrMore = 2

    def read(self, terms: Terms) -> tuple[Loss, MachineScore | None]:
        """The loss, and the scores that take the place of inner products."""
        return terms.one(Loss, type(self).__name__), terms.maybe(MachineScore)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Fit codes to the interactions or ratings in ``user_items``."""
        from hashrec_fast.training.proximal_fit import fit_codes  # noqa: PLC0415 - imports torch

        refuse_teacher(self, teacher)
        loss, machine = self.read(terms)
        return fit_codes(
            user_items,
            loss,
            machine,
            context,
            path=self.path,
            negatives=self.negatives,
            polish_sweeps=self.polish_sweeps,
        )

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes of new rows, each a function of that row alone.

        Both sides are solved as rows of least squares with the expected weight of the sampled
        negatives. New users are then polished on the loss itself, with a list of negatives that
        their own interactions seed; an item has no list of its own.
        """
        from hashrec_fast.training.proximal_fold_in import encode_rows  # noqa: PLC0415

        return encode_rows(
            rows,
            side,
            fitted,
            self.read(terms)[0],
            context,
            negatives=self.negatives,
            polish_sweeps=self.polish_sweeps,
        )

    def feature_sides(self, terms: Terms) -> frozenset[str]:
        """Sides encoded from features: items, where a factorization machine gives the scores."""
        return frozenset({"item"} if terms.maybe(MachineScore) is not None else ())

    def encode(
        self, features: tuple[sp.csr_matrix, ...], side: str, fitted: Solution, terms: Terms
    ) -> NDArray[Any]:
        """Codes ``sign(sum_j x_ij c_j)`` of items without interactions, zero counting as +1."""
        from hashrec_fast.training.proximal_fold_in import encode_features  # noqa: PLC0415

        del side, terms
        return encode_features(features, fitted)
