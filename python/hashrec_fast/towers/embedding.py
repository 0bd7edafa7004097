# SPDX-License-Identifier: Apache-2.0
"""Embedding: one free vector per user and item, as in matrix factorisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashrec_fast.ranges import NonNegative
from hashrec_fast.towers.base import SideNetwork, Tower, TowerData, TowerNetwork, table

if TYPE_CHECKING:
    from torch import Tensor


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
        return EmbeddingNetwork(self, data)

    def build_side(self, data: TowerData, side: str) -> SideNetwork:
        """The table of one side."""
        return TableSide(data.n_rows(side), data.n_bits, self.start_deviation)


class EmbeddingNetwork(TowerNetwork):
    """Tables of both sides."""

    def __init__(self, tower: Embedding, data: TowerData) -> None:
        super().__init__(data)
        self.user = table(data.n_rows("user"), data.n_bits, tower.start_deviation)
        self.item = table(data.n_rows("item"), data.n_bits, tower.start_deviation)

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows of the table."""
        return (self.user if side == "user" else self.item)[rows]


class TableSide(SideNetwork):
    """Table of one side: one free vector per row."""

    def __init__(self, n_rows: int, n_bits: int, deviation: float) -> None:
        super().__init__()
        self.table = table(n_rows, n_bits, deviation)

    def encode(self, rows: Tensor) -> Tensor:
        """Rows of the table."""
        return self.table[rows]
