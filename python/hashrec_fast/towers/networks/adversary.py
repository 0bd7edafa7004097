# SPDX-License-Identifier: Apache-2.0
"""A generator's tables and those of its discriminator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.base import SIDES, TowerNetwork, table

if TYPE_CHECKING:
    from hashrec_fast.towers.adversary import JudgedEmbedding


class JudgedNetwork(TowerNetwork):
    """``encode`` looks the generator's rows up, ``judged`` those of the discriminator."""

    def __init__(self, tower: JudgedEmbedding, data: TowerData) -> None:
        super().__init__(data)
        sizes = {side: data.n_rows(side) for side in SIDES}
        spread = tower.start_deviation
        self.own = torch.nn.ParameterDict(
            {s: table(n, data.n_bits, spread) for s, n in sizes.items()}
        )
        self.judge = torch.nn.ParameterDict(
            {s: table(n, data.n_bits, spread) for s, n in sizes.items()}
        )

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """The generator's rows."""
        return self.own[side][rows]

    def judged(self, side: str, rows: Tensor) -> Tensor:
        """The discriminator's rows."""
        return self.judge[side][rows]
