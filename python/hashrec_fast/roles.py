# SPDX-License-Identifier: Apache-2.0
"""Roles of terms: the small protocols by which losses and constraints bind themselves to solvers.

A solver asks the terms of a recipe for roles and never for classes or names, so that a term from
outside the package serves as well as one from inside: it has a role if it has the role's members.
Gradient strategies ask for ``value``, ``cost`` or ``penalty``; see
:class:`hashrec_fast.losses.Loss`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hashrec_fast.contracts import (
        FitContext,
        LinearTerm,
        PointwiseDataTerm,
        StartingDataTerm,
        States,
        Terms,
    )
    from hashrec_fast.solvers.data_terms.pair_sum import PairRequest, PairSum
    from hashrec_fast.solvers.data_terms.targets import RatingScale
    from hashrec_fast.solvers.multi_view import Views


@runtime_checkable
class PairTerm(Protocol):
    """Squares over user-item pairs, or a loss with a quadratic bound (such as MSE)."""

    main: ClassVar[bool]
    """Whether it is about observed pairs and means something alone."""

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """The squares for the stored pairs of ``rows``, in training and for rows never seen."""


@runtime_checkable
class JointTerm(Protocol):
    """A sum that brings its own passes and joins other terms (such as SocialCodes)."""

    def read_partners(self, terms: Terms) -> Any:
        """The other terms that it uses; raises ``ValueError`` where it lacks one."""

    def data_term(
        self, user_items: sp.csr_matrix, terms: Terms, context: FitContext
    ) -> PointwiseDataTerm:
        """The sum bound to data."""


@runtime_checkable
class LinearProvider(Protocol):
    """Linear terms of the codes of a side (such as BalanceDecorrelation)."""

    def linear_terms(self, states: States, context: FitContext) -> Sequence[LinearTerm]:
        """Bound linear terms, one for each side it acts on, made at the codes of the start."""


@runtime_checkable
class FeatureEncoder(Protocol):
    """An encoder of rows without interactions from their features (such as FeatureRidge)."""

    @property
    def sides(self) -> frozenset[str]:
        """Sides that are tied to features."""

    def encode_features(
        self, features: tuple[sp.csr_matrix, ...], side: str, arrays: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.float64]:
        """Real values (n, n_bits) whose signs are the codes, from what training exported."""


@runtime_checkable
class DelegateTerm(Protocol):
    """Weights of balanced and decorrelated delegates (BalanceDecorrelation)."""

    def delegate_weight(self, side: str) -> float:
        """Weight for the codes of a side."""


@runtime_checkable
class RatingTerm(Protocol):
    """A squared error of ratings (such as MSE)."""

    def rating_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The scale that makes scores of ratings."""


@runtime_checkable
class RidgeTerm(Protocol):
    """A weight of the squares of all factors (L2)."""

    def ridge_weight(self) -> float:
        """The weight."""


@runtime_checkable
class ColumnBalanceTerm(Protocol):
    """A weight of the squared sums of the columns (Balance)."""

    def column_balance(self) -> float:
        """The weight."""


@runtime_checkable
class NormTerm(Protocol):
    """A weight that draws squared norms of the rows to one value (NormTarget)."""

    def norm_pull(self) -> float:
        """The weight."""


@runtime_checkable
class AnchorTerm(Protocol):
    """Anchors of codes: real factors and their cluster centres (RealAnchors)."""

    @property
    def mf_reg(self) -> float:
        """Ridge weight of the real factors."""

    @property
    def mf_rounds(self) -> int:
        """Rounds of the real factors."""

    def anchors_of(self, side: str) -> tuple[int, float, float]:
        """Number of clusters, weight of the centres and weight of the real factors of a side."""


@runtime_checkable
class BitBalanceTerm(Protocol):
    """A penalty of the squared sum of every bit (ExactBalance)."""

    def bit_balance(self) -> float:
        """The weight, where a score counts as ``1/2 + b'd / 2f``."""


@runtime_checkable
class TraceTerm(Protocol):
    """The agreement of a whole rating matrix with inner products (TraceAgreement)."""

    def trace_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The scale that makes scores of ratings."""


@runtime_checkable
class CompositionTerm(Protocol):
    """A squared error of scores summed over components (CompositionalSquare)."""

    @property
    def components(self) -> int:
        """Number of components."""

    @property
    def bandwidth(self) -> float:
        """Distance from an anchor at which the weight of a component is zero."""

    def composed_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The scale that makes scores of ratings."""


@runtime_checkable
class MachineTerm(Protocol):
    """A squared error of the scores of a factorization machine (FMSquare)."""

    @property
    def n_features(self) -> int:
        """Most features that are kept."""

    @property
    def reg(self) -> float:
        """Ridge weight of the linear part."""

    def machine_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The scale that makes scores of ratings."""


@runtime_checkable
class MachineScore(Protocol):
    """The scores of a factorization machine in place of inner products (FMScore)."""

    @property
    def n_features(self) -> int:
        """Most features that are kept."""

    @property
    def linear_rate(self) -> float:
        """Step length of the linear weights."""


@runtime_checkable
class ConfidenceTerm(Protocol):
    """Squares over all pairs whose confidences the solver sets (ConfidenceSquare)."""

    @property
    def sets_confidences(self) -> bool:
        """True; the solver's ``alpha`` is the confidence of an observed pair."""


@runtime_checkable
class PairwiseTerm(Protocol):
    """A squared error of score differences over all pairs of a user (PairwiseSquare)."""

    def pairwise_margin(self, n_bits: int) -> float:
        """Wanted difference of the scores, on the raw scale."""


@runtime_checkable
class OrderTerm(Protocol):
    """A cross-entropy of the order of rated pairs (PairwiseEntropy)."""

    def order_term(self, user_items: sp.csr_matrix, n_bits: int) -> Any:
        """The sum bound to data, whose ``limit`` a self-paced solver raises."""


@runtime_checkable
class ListTerm(Protocol):
    """A likelihood of ranked lists with a quadratic bound (PlackettLuce)."""

    def list_term(self, user_items: sp.csr_matrix, context: FitContext) -> StartingDataTerm:
        """The sum bound to data."""


@runtime_checkable
class WholeDataTerm(Protocol):
    """A part of the whole-data objective (such as WholeDataSquare)."""

    main: ClassVar[bool]
    """Whether it means something alone."""

    def whole_data(self) -> Mapping[str, float]:
        """Fields of :class:`hashrec_fast.solvers.WholeDataLoss` that it sets."""


@runtime_checkable
class SoftPositiveTerm(Protocol):
    """Soft positives taken from a float teacher (SoftPositives)."""

    @property
    def per_user(self) -> int:
        """Number of soft positives of a user."""


@runtime_checkable
class RotationTerm(Protocol):
    """A factorisation whose rotated rows the codes follow (RotatedFactors)."""

    def rotation_tie(self, side: str) -> float:
        """Weight of the distance between codes and rotated rows."""


@runtime_checkable
class ViewTerm(Protocol):
    """Several views of features behind the rows (MultiView)."""

    @property
    def sides(self) -> frozenset[str]:
        """Sides that may have features."""

    def views(self, features: tuple[sp.csr_matrix, ...], n_bits: int) -> Views:
        """Maps from the views to the rows, not yet solved."""
