# SPDX-License-Identifier: Apache-2.0
"""A tower of its own for users and for items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.towers.base import Tower, TowerData
from hashrec_fast.towers.embedding import Embedding

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class Sides(Tower):
    """Two towers, each of which serves one side (``Embedding`` or ``Content``).

    Attributes
    ----------
    user : Tower
        What encodes users.
    item : Tower
        What encodes items.
    """

    user: Tower = field(default_factory=Embedding)
    item: Tower = field(default_factory=Embedding)

    @property
    def needs(self) -> frozenset[str]:  # type: ignore[override]
        """What both sides need."""
        return self.user.side_needs("user") | self.item.side_needs("item")

    @property
    def abilities(self) -> frozenset[str]:  # type: ignore[override]
        """The decoders of both sides."""
        return self.only_by_terms

    @property
    def only_by_terms(self) -> frozenset[str]:  # type: ignore[override]
        """The decoders of both sides."""
        return self.user.only_by_terms | self.item.only_by_terms

    def feature_sides(self) -> frozenset[str]:
        """Sides whose tower reads features."""
        sides = {"user": self.user, "item": self.item}
        return frozenset(side for side, tower in sides.items() if tower.reads_features)

    def encode_features(
        self,
        features: tuple[sp.csr_matrix, ...],
        side: str,
        arrays: Mapping[str, NDArray[Any]],
    ) -> NDArray[np.float32]:
        """Outputs (n, n_bits) for rows known by their features, by the weights of training."""
        prefix = side + "_"
        own = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        tower: Any = self.user if side == "user" else self.item
        outputs: NDArray[np.float32] = tower.read(features, own)
        return outputs

    def build(self, data: TowerData) -> TowerNetwork:
        """Both networks."""
        from hashrec_fast.towers.networks.sides import SidesNetwork  # noqa: PLC0415 - torch

        sides = self.user.build_side(data, "user"), self.item.build_side(data, "item")
        return SidesNetwork(data, *sides)
