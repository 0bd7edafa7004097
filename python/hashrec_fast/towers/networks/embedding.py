# SPDX-License-Identifier: Apache-2.0
"""Tables of vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.base import TowerNetwork, table

if TYPE_CHECKING:
    from hashrec_fast.towers.embedding import Embedding


class EmbeddingNetwork(TowerNetwork):
    """``encode`` looks rows up."""

    def __init__(self, tower: Embedding, data: TowerData) -> None:
        super().__init__(data)
        self.user = table(data.n_rows("user"), data.n_bits, tower.start_deviation)
        self.item = table(data.n_rows("item"), data.n_bits, tower.start_deviation)

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows of the table."""
        return (self.user if side == "user" else self.item)[rows]
