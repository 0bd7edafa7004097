# SPDX-License-Identifier: Apache-2.0
"""Tables of vectors with a second, real factorisation that judges them (ABinCF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import NonNegative
from hashrec_fast.towers.base import SIDES, Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.lazy_torch import torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class JudgedEmbedding(Tower):
    """Embedding with a judge: two more tables, which only ``AdversarialRanking`` trains.

    The judge is not exported.

    Attributes
    ----------
    start_deviation : float
        Standard deviation of the first values of both.
    """

    abilities: ClassVar[frozenset[str]] = frozenset({"a judge"})
    only_by_terms: ClassVar[frozenset[str]] = abilities
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Two tables for users and two for items."""
        return JudgedNetwork(self, data)


class JudgedNetwork(TowerNetwork):
    """Tables of the generator, read by ``encode``, and of the discriminator, by ``judged``."""

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
        found: Tensor = self.own[side][rows]
        return found

    def judged(self, side: str, rows: Tensor) -> Tensor:
        """The discriminator's rows."""
        found: Tensor = self.judge[side][rows]
        return found
