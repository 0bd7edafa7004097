# SPDX-License-Identifier: Apache-2.0
"""Terms of one's own have the roles that their members promise; type checkers must agree."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast import roles
from hashrec_fast.contracts import FitContext, LinearTerm, States
from hashrec_fast.kernels.row_terms import RowLinear
from hashrec_fast.losses import Loss, SquaredHinge
from hashrec_fast.solvers.data_terms import PairRequest, PairSum, RatingScale


@dataclass(frozen=True, kw_only=True)
class OwnSquare(Loss):
    """A loss for solvers that take squares over pairs."""

    quadratic: ClassVar[bool] = True
    weight: float = 1.0

    def pair_sum(self, rows: sp.csr_matrix, request: PairRequest) -> PairSum:
        """Ones for all stored pairs."""
        del request
        return PairSum(pairs=rows, targets=np.full(rows.nnz, self.weight))


class OwnLinearTerm:
    """A linear term without any coefficients."""

    def __init__(self, side: str) -> None:
        self.side = side

    def linear(self, states: States) -> RowLinear:
        """None."""
        del states
        return RowLinear()

    def update(self, states: States) -> None:
        """Nothing to learn."""

    def value(self, states: States) -> float:
        """Zero."""
        del states
        return 0.0

    def export(self) -> dict[str, NDArray[Any]]:
        """No arrays."""
        return {}


@dataclass(frozen=True, kw_only=True)
class OwnConstraint:
    """A constraint that says what its bound terms are."""

    def linear_terms(self, states: States, context: FitContext) -> list[OwnLinearTerm]:
        """One for each side."""
        del context
        return [OwnLinearTerm(side) for side in states]


@dataclass(frozen=True, kw_only=True)
class OwnComposition:
    """Fields of a frozen dataclass serve as members of roles."""

    components: int = 4
    bandwidth: float = 1.0

    def composed_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The range of the ratings."""
        return RatingScale.of(user_items)


@dataclass(frozen=True, kw_only=True)
class OwnMachine:
    """Squares of a factorization machine."""

    n_features: int = 10
    reg: float = 0.1

    def machine_scale(self, user_items: sp.csr_matrix) -> RatingScale:
        """The range of the ratings."""
        return RatingScale.of(user_items)


@dataclass(frozen=True, kw_only=True)
class OwnMachineScore:
    """Scores of a factorization machine."""

    n_features: int = 10
    linear_rate: float = 0.1


@dataclass(frozen=True, kw_only=True)
class OwnAnchors:
    """Anchors of codes."""

    mf_reg: float = 0.1
    mf_rounds: int = 10

    def anchors_of(self, side: str) -> tuple[int, float, float]:
        """The same for both sides."""
        del side
        return 5, 1.0, 1.0


@dataclass(frozen=True, kw_only=True)
class OwnSoftPositives:
    """Soft positives."""

    per_user: int = 10


pairs: roles.PairTerm = OwnSquare()
provider: roles.LinearProvider = OwnConstraint()
linear: LinearTerm = OwnLinearTerm("item")
composition: roles.CompositionTerm = OwnComposition()
machine: roles.MachineTerm = OwnMachine()
score: roles.MachineScore = OwnMachineScore()
anchors: roles.AnchorTerm = OwnAnchors()
soft: roles.SoftPositiveTerm = OwnSoftPositives()
whole: roles.WholeDataTerm = SquaredHinge()
