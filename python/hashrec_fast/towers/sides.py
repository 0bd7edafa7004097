# SPDX-License-Identifier: Apache-2.0
"""Sides: one tower for users and another for items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.towers.base import SIDES, SideNetwork, Tower, TowerData, TowerNetwork
from hashrec_fast.towers.embedding import Embedding
from hashrec_fast.towers.lazy_torch import torch

if TYPE_CHECKING:
    from torch import Tensor


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
        """Side information that both sides need."""
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
        sides = self.user.build_side(data, "user"), self.item.build_side(data, "item")
        return SidesNetwork(data, *sides)


class SidesNetwork(TowerNetwork):
    """Networks ``sides["user"]`` and ``sides["item"]``, put together."""

    def __init__(self, data: TowerData, user: SideNetwork, item: SideNetwork) -> None:
        super().__init__(data)
        self.sides = torch.nn.ModuleDict({"user": user, "item": item})

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows by the side's own network."""
        encoded: Tensor = self.sides[side].encode(rows)  # type: ignore[operator]
        return encoded

    def decoded(self, kind: str) -> dict[str, Any]:
        """Sides that have a decoder of a kind, "linear" or "words"."""
        found: dict[str, Any] = {side: self.sides[side] for side in SIDES}
        return {
            side: network
            for side, network in found.items()
            if network.decoder is not None and network.decoder.kind == kind
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays of both sides, named after them."""
        return {
            f"{side}_{name}": array
            for side in SIDES
            for name, array in self.sides[side].arrays().items()  # type: ignore[operator]
        }
