# SPDX-License-Identifier: Apache-2.0
"""Constraints that tie codes to features of users or items, for rows without interactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.ranges import Main, Weight
from hashrec_fast.solvers.linear_terms.ridge import RidgeLinearTerm
from hashrec_fast.solvers.linear_terms.stiefel import StiefelLinearTerm, unit_rows

if TYPE_CHECKING:
    from hashrec_fast.contracts import FitContext, LinearTerm, States


@dataclass(frozen=True, kw_only=True)
class FeatureRidge:
    """Ridge regression ``weight ||B - X W||^2 + reg ||W||^2``, its map learnt alongside (DCMF).

    A side whose weight is zero needs no features.

    Attributes
    ----------
    item_weight : float
        Weight of the items' distance to the map of their features.
    user_weight : float
        Weight of the users' distance to the map of their features.
    reg : float
        Ridge weight of the maps.
    """

    item_weight: Main[Weight] = 1.0
    user_weight: Main[Weight] = 0.0
    reg: Weight = 1.0

    @property
    def sides(self) -> frozenset[str]:
        """Sides that are tied to features."""
        weights = {"item": self.item_weight, "user": self.user_weight}
        return frozenset(side for side, weight in weights.items() if weight > 0)

    @property
    def needs(self) -> frozenset[str]:
        """Names of the side information without which the term means nothing."""
        return frozenset(f"{side}_features" for side in self.sides)

    def linear_terms(self, states: States, context: FitContext) -> list[LinearTerm]:
        """Bound linear terms of the sides with a weight; several views stand side by side."""
        weights = {"item": self.item_weight, "user": self.user_weight}
        return [
            RidgeLinearTerm(
                side,
                sp.hstack(context.side_info.features(side), format="csr"),
                weights[side],
                self.reg,
                states[side],
            )
            for side in sorted(self.sides)
        ]

    def encode_features(
        self, features: tuple[sp.csr_matrix, ...], side: str, arrays: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.float64]:
        """Predictions ``X W`` for new rows."""
        return np.asarray(sp.hstack(features, format="csr") @ arrays[f"{side}_map"])


@dataclass(frozen=True, kw_only=True)
class FeatureStiefel:
    """Orthogonal map ``-2 weight tr(B' X W)``, learnt alongside (DMF); rows of unit length.

    Sides without features are left alone.

    Attributes
    ----------
    weight : float
        Weight of the agreement of codes and mapped features.
    """

    weight: Main[Weight] = 1.0
    sides: ClassVar[frozenset[str]] = frozenset({"user", "item"})
    uses: ClassVar[frozenset[str]] = frozenset({"user_features", "item_features"})

    def linear_terms(self, states: States, context: FitContext) -> list[LinearTerm]:
        """Bound linear terms of the sides that have features; several views stand side by side."""
        return [
            StiefelLinearTerm(
                side,
                unit_rows(sp.hstack(context.side_info.features(side), format="csr")),
                self.weight,
                states[side],
            )
            for side in ("user", "item")
            if context.side_info.features(side) and self.weight > 0
        ]

    def encode_features(
        self, features: tuple[sp.csr_matrix, ...], side: str, arrays: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.float64]:
        """Predictions ``X W`` for new rows of unit length."""
        return np.asarray(unit_rows(sp.hstack(features, format="csr")) @ arrays[f"{side}_map"])
