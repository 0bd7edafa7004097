# SPDX-License-Identifier: Apache-2.0
"""Tables of vectors with a second, real factorisation that judges them (ABinCF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import NonNegative
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class JudgedEmbedding(Tower):
    """As ``Embedding``; the term ``AdversarialRanking`` trains the judge, which is not exported.

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
        from hashrec_fast.towers.networks.adversary import JudgedNetwork  # noqa: PLC0415 - torch

        return JudgedNetwork(self, data)
