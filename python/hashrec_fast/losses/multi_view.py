# SPDX-License-Identifier: Apache-2.0
"""A factorisation behind the codes and several views of features behind it (MFDCF, MDCF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Share, Weight
from hashrec_fast.solvers.multi_view import Views

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, kw_only=True)
class RotatedFactors(Loss):
    """Factorisation ``||Y - P Q'||^2 + user_tie ||B - P||^2 + item_tie ||D - Q||^2``, ``P = H R'``.

    ``Y`` holds 1 for interactions (ratings up to 1) and 0 elsewhere, ``H`` are real vectors and
    ``R`` is orthogonal, for each side.

    Attributes
    ----------
    user_tie : float
        Weight of the distance between users' codes and rotated vectors.
    item_tie : float
        Weight of the distance between items' codes and rotated vectors.
    """

    quadratic: ClassVar[bool] = True
    user_tie: Main[Weight] = 0.01
    item_tie: Main[Weight] = 0.01

    def rotation_tie(self, side: str) -> float:
        """Weight of a side."""
        return self.user_tie if side == "user" else self.item_tie


@dataclass(frozen=True, kw_only=True)
class MultiView:
    """Views of features ``weight sum_v ||H - X_v W_v||^2 / mu_v`` with maps of low rank.

    ``mu_v`` is a view's share of all residuals, so that good views count more.

    Attributes
    ----------
    user : bool
        Whether users may have features. With both sides, one that is given none goes without; a
        side alone must have them.
    item : bool
        Whether items may have features.
    weight : float
        Weight of the distance between vectors and mapped features.
    low_rank : float
        Weight of the squared norm of a map outside its leading directions.
    rank_share : float
        Leading directions as a share of the code length.
    ridge : float
        Weight of the squared norm of a map, relative to the mean diagonal of ``X'X``.
    """

    user: bool = True
    item: bool = True
    weight: Main[Weight] = 0.01
    low_rank: Weight = 1e-4
    rank_share: Share = 0.5
    ridge: Weight = 0.01

    @property
    def sides(self) -> frozenset[str]:
        """Sides that may have features."""
        return frozenset(side for side in ("user", "item") if getattr(self, side))

    @property
    def uses(self) -> frozenset[str]:
        """Names of the side information that is taken."""
        return frozenset(f"{side}_features" for side in self.sides)

    @property
    def needs(self) -> frozenset[str]:
        """Names of the side information without which the term means nothing."""
        return self.uses if len(self.sides) == 1 else frozenset()

    def views(self, features: tuple[sp.csr_matrix, ...], n_bits: int) -> Views:
        """Maps from the views to the rows, not yet solved."""
        return Views(features, n_bits, self)
