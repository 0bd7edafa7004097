# SPDX-License-Identifier: Apache-2.0
"""Weighted squares over all pairs with a second behaviour (DFMR) or with self-made pairs (DSFCH).

Targets are in units of ``n_bits``; the weight of unobserved pairs is ``rest_weight`` times the
square root of the density of the training matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import scipy.sparse as sp

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Share, Weight, ZeroOrMore
from hashrec_fast.solvers.data_terms.outfits import OutfitDataTerm
from hashrec_fast.solvers.data_terms.pair_sum import PairRequest, PairSum, Rest
from hashrec_fast.solvers.data_terms.rest_weight import rest_weight

if TYPE_CHECKING:
    from hashrec_fast.contracts import FitContext, Terms


@dataclass(frozen=True, kw_only=True)
class BehaviourSquare(Loss):
    """Squares of purchases, weaker ones of what was only examined, and weak ones of the rest.

    Observed pairs have the target ``n_bits``.

    Attributes
    ----------
    weight : float
        Weight of purchases.
    examined_weight : float
        Weight of what was examined and not bought.
    rest_weight : float
        Weight of all other pairs, times the square root of the density of the matrix.
    rest_target : float
        Wanted score of all other pairs, in units of ``n_bits``.
    """

    quadratic: ClassVar[bool] = True
    uses: ClassVar[frozenset[str]] = frozenset({"examined"})
    weight: Weight = 1.0
    examined_weight: Main[Weight] = 0.1
    rest_weight: Main[Weight] = 0.8
    rest_target: float = -0.2

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """Purchases, and in training what was examined; without examinations one behaviour."""
        if request.facts is not None:
            return _known_rows(rows, request.facts["rest_weight"], self.weight, self.rest_target)
        pairs = sp.csr_matrix(rows, dtype=np.float64, copy=True)
        pairs.data[:] = 2
        if request.side_info.examined is not None:
            pairs = pairs + request.side_info.examined  # purchases 2 or 3, examinations alone 1
        pairs.sort_indices()
        rest = rest_weight(rows, self.rest_weight)
        return PairSum(
            pairs=pairs,
            targets=np.ones(pairs.nnz),
            weights=np.where(pairs.data > 1, self.weight, self.examined_weight),
            rest=Rest(rest, self.rest_target),
            facts={"rest_weight": rest},
        )


@dataclass(frozen=True, kw_only=True)
class OutfitSquare(Loss):
    """Squares of known pairs, weaker ones of self-made pairs, and weak ones of the rest.

    Attributes
    ----------
    weight : float
        Weight of known pairs.
    rest_weight : float
        Weight of all other pairs, times the square root of the density of the matrix.
    rest_target : float
        Wanted score of all other pairs, in units of ``n_bits``.
    augment_weight : float
        Weight of self-made pairs.
    augment_share : float
        Part of a row's unknown columns, those of highest score, that become self-made pairs.
    augment_limit : int
        Most self-made pairs per row.
    augment_score : float
        Least score of a self-made pair, in units of ``n_bits``.
    augment_rounds : int
        How often the self-made pairs are chosen anew, from the second round on.
    """

    quadratic: ClassVar[bool] = True
    weight: Weight = 1.0
    rest_weight: Main[Weight] = 0.8
    rest_target: float = -0.2
    augment_weight: Main[Weight] = 0.3
    augment_share: Share = 0.01
    augment_limit: ZeroOrMore = 10
    augment_score: float = 0.5
    augment_rounds: ZeroOrMore = 3

    def read_partners(self, terms: Terms) -> None:
        """No partners: it is the whole objective."""

    def data_term(
        self, user_items: sp.csr_matrix, terms: Terms, context: FitContext
    ) -> OutfitDataTerm:
        """Known pairs, which the codes themselves augment."""
        del terms
        return OutfitDataTerm(user_items, context.n_bits, self, context.num_threads)

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """Known pairs of rows never seen."""
        assert request.facts is not None
        return _known_rows(rows, request.facts["rest_weight"], self.weight, self.rest_target)


def _known_rows(rows: sp.csr_matrix, rest: float, weight: float, rest_target: float) -> PairSum:
    """Rows never seen, all of whose entries count as the stronger behaviour."""
    return PairSum(
        pairs=rows,
        targets=np.ones(rows.nnz),
        weights=np.full(rows.nnz, weight),
        rest=Rest(rest, rest_target),
    )
