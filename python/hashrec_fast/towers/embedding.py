# SPDX-License-Identifier: Apache-2.0
"""One free vector per user and item: matrix factorisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashrec_fast.ranges import NonNegative
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork
    from hashrec_fast.towers.networks.sides import SideNetwork


@dataclass(frozen=True, kw_only=True)
class Embedding(Tower):
    """Tables of real vectors, drawn from a normal distribution.

    Attributes
    ----------
    start_deviation : float
        Standard deviation of the first values.
    """

    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Both tables."""
        from hashrec_fast.towers.networks.embedding import EmbeddingNetwork  # noqa: PLC0415

        return EmbeddingNetwork(self, data)

    def build_side(self, data: TowerData, side: str) -> SideNetwork:
        """The table of one side."""
        from hashrec_fast.towers.networks.sides import TableSide  # noqa: PLC0415 - torch

        return TableSide(data.n_rows(side), data.n_bits, self.start_deviation)
