# SPDX-License-Identifier: Apache-2.0
"""Outfits made of garments with pictures and texts, against users (FHN, FHN+)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import Count, NonNegative, ShareBelowOne
from hashrec_fast.towers.base import Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.layers.sparse_rows import SparseRows, glorot
from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Outfits(Tower):
    """Items as outfits: the mean of their garments, and a constant for how these go together.

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
        return OutfitsNetwork(self, data)


class ViewEncoder(Module):
    """Encoder of one view of garments: a hidden layer of ReLU with dropout around it."""

    def __init__(self, rows: SparseRows, hidden: int, n_bits: int, dropout: float) -> None:
        super().__init__()
        self._rows, self._dropout = rows, torch.nn.Dropout(dropout)
        self.first = glorot(rows.shape[1], hidden)
        self.bias = torch.nn.Parameter(torch.zeros(hidden))
        self.last = torch.nn.Linear(hidden, n_bits)

    def forward(self, rows: Tensor) -> Tensor:
        """Vectors (n, n_bits) of some garments."""
        hidden = (self._rows.times(rows, self.first) + self.bias).relu()
        encoded: Tensor = self.last(self._dropout(hidden))
        return encoded


class OutfitsNetwork(TowerNetwork):
    """Table of users, encoders of garments, and ``item_bias``, the garments' compatibility."""

    def __init__(self, tower: Outfits, data: TowerData) -> None:
        super().__init__(data)
        self._outfits = SparseRows(data.side_info.outfits)
        self.user = table(data.n_rows("user"), data.n_bits, tower.start_deviation)
        views = [SparseRows(view) for view in data.side_info.garment_features]
        self.visual = ViewEncoder(views[0], tower.visual_hidden, data.n_bits, tower.dropout)
        self.textual = ViewEncoder(views[1], tower.textual_hidden, data.n_bits, tower.dropout)
        self.pair_weight = torch.nn.Parameter(torch.ones(data.n_bits))
        self.triple_weight = None
        if tower.triples:
            self.triple_weight = torch.nn.Parameter(torch.ones(data.n_bits))
        self._seen: tuple[Tensor, Tensor, Tensor] | None = None

    def begin(self) -> None:
        """Forget the garments of the step before."""
        self._seen = None

    def end(self) -> None:
        """Forget the garments of this step."""
        self._seen = None

    def garments_of(self, outfits: Tensor) -> Tensor:
        """Distinct garments of some outfits, int64."""
        garments: Tensor = torch.unique(self._outfits.take(outfits)[0])
        return garments

    def views(self, garments: Tensor) -> tuple[Tensor, Tensor]:
        """Visual and textual vectors (n, n_bits) of garments."""
        if self._seen is None or not torch.equal(self._seen[0], garments):
            return self.visual(garments), self.textual(garments)
        return self._seen[1:]

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Rows of the users' table, or means over garments."""
        if side == "user":
            return self.user[rows]
        latents, places, offsets = self._latents(rows)
        mean = _bag(places, latents, offsets, "mean")
        if self.triple_weight is None:
            return mean
        return mean + self.triple_weight * mean_products(latents.tanh(), places, offsets)

    def item_bias(self, rows: Tensor) -> Tensor:
        """Mean over pairs of garments of ``sum_k w_k b_ik b_jk``, by ``n_bits``; (n,)."""
        latents, places, offsets = self._latents(rows)
        smooth = latents.tanh()
        signs = smooth + (2 * (latents >= 0).to(smooth.dtype) - 1 - smooth).detach()
        return mean_products(signs, places, offsets) @ self.pair_weight / len(self.pair_weight)

    def _latents(self, outfits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Vectors of the outfits' garments, and as which of them each outfit's are."""
        columns, _, offsets = self._outfits.take(outfits)
        garments, places = torch.unique(columns, return_inverse=True)
        visual, textual = self.views(garments)
        self._seen = garments, visual, textual
        return (visual + textual) / 2, places, offsets


def mean_products(rows: Tensor, places: Tensor, offsets: Tensor) -> Tensor:
    """Mean over pairs i < j of an outfit of ``x_i * x_j``, (n, width); 0 for single garments.

    The sum over pairs is half of the square of the sum less the sum of the squares.
    """
    counts = offsets.diff()[:, None].to(rows.dtype)
    total, squares = (_bag(places, x, offsets, "sum") for x in (rows, rows.square()))
    return (total.square() - squares) / (counts * (counts - 1)).clamp(min=1)


def _bag(places: Tensor, rows: Tensor, offsets: Tensor, mode: str) -> Tensor:
    return functional.embedding_bag(places, rows, offsets, mode=mode, include_last_offset=True)
