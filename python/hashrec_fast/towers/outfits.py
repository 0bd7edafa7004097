# SPDX-License-Identifier: Apache-2.0
"""Users against outfits made of garments with pictures and texts (FHN, FHN+)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import Count, NonNegative, ShareBelowOne
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class Outfits(Tower):
    """Items are outfits: the mean of their garments, plus a constant for how these go together.

    A garment's vector is the mean of an encoder of its picture and one of its text. An outfit's
    is the mean over garments, so that ``<b_u, sgn(mean h)>`` stands for FHN's mean of
    ``<b_u, b_i>``. The constant is FHN's mean over pairs of garments of ``sum_k w_k b_ik b_jk``
    by the signs, whatever the user; it is added to all scores of the outfit (see
    :class:`hashrec_fast.retrieval.similarities.Biased`).

    Attributes
    ----------
    visual_hidden : int
        Units of the hidden layer for pictures.
    textual_hidden : int
        Units of the hidden layer for texts.
    dropout : float
        Share of hidden units that training leaves out.
    triples : bool
        Whether the vectors also hold ``w' * mean over pairs of h_i * h_j``, which makes the score
        a sum over user, garment and garment (FHN+).
    start_deviation : float
        Standard deviation of the first values of the users' vectors.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"outfits", "garment_features"})
    abilities: ClassVar[frozenset[str]] = frozenset({"garments"})
    item_constants: ClassVar[bool] = True
    visual_hidden: Count = 256
    textual_hidden: Count = 128
    dropout: ShareBelowOne = 0.1
    triples: bool = False
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """The users' table and both encoders."""
        from hashrec_fast.towers.networks.outfits import OutfitsNetwork  # noqa: PLC0415 - torch

        return OutfitsNetwork(self, data)
