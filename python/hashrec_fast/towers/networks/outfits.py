# SPDX-License-Identifier: Apache-2.0
"""Outfits as means of garments, and what their garments think of one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.base import TowerNetwork, table
from hashrec_fast.towers.networks.sparse_rows import SparseRows, glorot

if TYPE_CHECKING:
    from hashrec_fast.towers.outfits import Outfits


class ViewEncoder(torch.nn.Module):
    """Dropout around one hidden layer of ReLU."""

    def __init__(self, rows: SparseRows, hidden: int, n_bits: int, dropout: float) -> None:
        super().__init__()
        self._rows, self._dropout = rows, torch.nn.Dropout(dropout)
        self.first = glorot(rows.shape[1], hidden)
        self.bias = torch.nn.Parameter(torch.zeros(hidden))
        self.last = torch.nn.Linear(hidden, n_bits)

    def forward(self, rows: Tensor) -> Tensor:
        """(n, n_bits)."""
        hidden = (self._rows.times(rows, self.first) + self.bias).relu()
        encoded: Tensor = self.last(self._dropout(hidden))
        return encoded


class OutfitsNetwork(TowerNetwork):
    """``encode("item")`` reads garments, ``item_bias`` is their compatibility."""

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
        """As :meth:`begin`."""
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
    return embedding_bag(places, rows, offsets, mode=mode, include_last_offset=True)
