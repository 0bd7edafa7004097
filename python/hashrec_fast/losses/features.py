# SPDX-License-Identifier: Apache-2.0
"""Constraints that tie codes to features of users or items, for rows without interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.ranges import Main, Weight


@dataclass(frozen=True, kw_only=True)
class FeatureRidge:
    """``weight ||B - X W||^2 + reg ||W||^2`` with a linear map learnt alongside (DCMF).

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


@dataclass(frozen=True, kw_only=True)
class FeatureStiefel:
    """``-2 weight tr(B' X W)`` with orthonormal ``W`` learnt alongside (DMF); rows of unit length.

    Sides without features are left alone.

    Attributes
    ----------
    weight : float
        Weight of the agreement of codes and mapped features.
    """

    weight: Main[Weight] = 1.0
    sides: ClassVar[frozenset[str]] = frozenset({"user", "item"})
    uses: ClassVar[frozenset[str]] = frozenset({"user_features", "item_features"})
