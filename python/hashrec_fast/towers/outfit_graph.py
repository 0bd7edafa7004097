# SPDX-License-Identifier: Apache-2.0
"""Attention over the graph of users, outfits, garments and attributes (BIHGH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import scipy.sparse as sp

from hashrec_fast.ranges import Count, Main, NonNegative, ShareBelowOne
from hashrec_fast.towers.base import Tower, TowerData, TowerNetwork, table
from hashrec_fast.towers.layers.sparse_rows import SparseRows, glorot
from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class OutfitGraph(Tower):
    """Graph attention: one stack that walks the bipartite graphs there and back again.

    In the order garments-attributes, outfits-garments, users-outfits, outfits-garments; what the
    walk back to the attributes would change reaches no code. The whole graph is walked in every
    step. Users and attributes start from tables, garments from their features, outfits from the
    mean of these.

    Attributes
    ----------
    layers : int
        Layers of the stack; the last one has a single head.
    heads : int
        Attention heads of a layer.
    width : int
        Entries of a node's vector by head.
    dropout : float
        Share of units that training leaves out.
    start_deviation : float
        Standard deviation of the tables' first values.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"outfits", "garment_features"})
    uses: ClassVar[frozenset[str]] = frozenset({"garment_attributes"})
    abilities: ClassVar[frozenset[str]] = frozenset({"garments", "related rows"})
    layers: Main[Count] = 2
    heads: Count = 4
    width: Count = 16
    dropout: ShareBelowOne = 0.1
    start_deviation: NonNegative = 0.1

    def build(self, data: TowerData) -> TowerNetwork:
        """Tables, projections of features and the stack."""
        return OutfitGraphNetwork(self, data)


SLOPE = 0.2  # of leaky ReLU, as Velickovic et al.


class GraphAttention(Module):
    """One layer of graph attention (Velickovic et al., ICLR 2018); keeps the width."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._shape = heads, width // heads
        self.weight = glorot(width, width)
        self.source = glorot(*self._shape)
        self.target = glorot(*self._shape)

    def forward(self, nodes: Tensor, links: Tensor) -> Tensor:
        """New vectors (n_nodes, width) by links (2, n_links), each from a source to a target."""
        rows = (nodes @ self.weight).view(-1, *self._shape)
        source, target = links
        by_source, by_target = ((rows * a).sum(-1) for a in (self.source, self.target))
        scores = functional.leaky_relu(by_source[source] + by_target[target], SLOPE)
        places = target[:, None].expand_as(scores)
        highest = torch.full_like(by_target, -torch.inf)
        highest = highest.scatter_reduce(0, places, scores.detach(), "amax")
        weights = (scores - highest[target]).exp()
        total = torch.zeros_like(by_target).index_add(0, target, weights)
        weights = weights / total[target]
        mixed = torch.zeros_like(rows).index_add(0, target, weights[..., None] * rows[source])
        return mixed.flatten(1)


class OutfitGraphNetwork(TowerNetwork):
    """Tables, projections, and the stack that ``begin`` sends over the graphs."""

    _user_outfit: Tensor
    _outfit_garment: Tensor
    _garment_attribute: Tensor

    def __init__(self, tower: OutfitGraph, data: TowerData) -> None:
        super().__init__(data)
        side, width = data.side_info, tower.heads * tower.width
        outfits = side.outfits
        assert outfits is not None
        self._garments = outfits.shape[1]
        self._incidence = {"user": data.user_items, "item": outfits}
        self._outfits = SparseRows(outfits)
        self._views = torch.nn.ModuleList(SparseRows(view) for view in side.garment_features)
        self.projections = torch.nn.ParameterList(
            glorot(view.shape[1], width) for view in side.garment_features
        )
        self.user = table(data.n_rows("user"), width, tower.start_deviation)
        self.outfit = torch.nn.Linear(width, width)
        self.attribute = None
        self.register_buffer("_user_outfit", links_of(data.user_items), persistent=False)
        self.register_buffer("_outfit_garment", links_of(outfits), persistent=False)
        attributes = side.garment_attributes
        if attributes is not None:
            self.attribute = table(attributes.shape[1], width, tower.start_deviation)
            self.register_buffer("_garment_attribute", links_of(attributes), persistent=False)
        heads = [tower.heads] * (tower.layers - 1) + [1]
        self.stack = torch.nn.ModuleList(GraphAttention(width, count) for count in heads)
        self._dropout = torch.nn.Dropout(tower.dropout)
        self.head = torch.nn.Linear(width, data.n_bits)
        self._nodes: dict[str, Tensor] | None = None

    def views(self, garments: Tensor) -> tuple[Tensor, Tensor]:
        """Visual and textual vectors (n, width) of garments."""
        visual, textual = (
            view.times(garments, weight)  # type: ignore[operator]
            for view, weight in zip(self._views, self.projections, strict=True)
        )
        return visual, textual

    def garments_of(self, outfits: Tensor) -> Tensor:
        """Distinct garments of some outfits, int64."""
        garments: Tensor = torch.unique(self._outfits.take(outfits)[0])
        return garments

    def begin(self) -> None:
        """Walk garments-attributes, outfits-garments, users-outfits, outfits-garments."""
        visual, textual = self.views(torch.arange(self._garments, device=self.user.device))
        garments = (visual + textual) / 2
        means = self._outfits.times(torch.arange(self.n_rows["item"]).to(visual.device), garments)
        counts = self._outfits.indptr.diff()[:, None]
        outfits: Tensor = self.outfit(means / counts)
        users: Tensor = self.user
        if self.attribute is not None:
            garments, _ = self._walk(garments, self.attribute, self._garment_attribute)
        outfits, garments = self._walk(outfits, garments, self._outfit_garment)
        users, outfits = self._walk(users, outfits, self._user_outfit)
        outfits, _ = self._walk(outfits, garments, self._outfit_garment)
        self._nodes = {"user": users, "item": outfits}

    def _walk(self, left: Tensor, right: Tensor, links: Tensor) -> tuple[Tensor, Tensor]:
        nodes = torch.cat([left, right])
        for layer in self.stack:
            nodes = functional.elu(layer(self._dropout(nodes), links)) + nodes
        return nodes[: len(left)], nodes[len(left) :]

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """One linear map of the nodes for both sides."""
        if self._nodes is None:
            self.begin()
        assert self._nodes is not None
        encoded: Tensor = self.head(self._nodes[side][rows])
        return encoded

    def end(self) -> None:
        """Drop the nodes."""
        self._nodes = None

    def related(self, side: str, rows: Tensor) -> Tensor:
        """Matrix (n, n) of 1 for users who share an outfit, or outfits that share a garment."""
        part = self._incidence[side][rows.cpu().numpy()]
        shared = (part @ part.T).toarray() > 0
        return torch.from_numpy(shared.astype(np.float32)).to(rows.device)


def links_of(matrix: sp.csr_matrix) -> Tensor:
    """Links both ways between rows and columns of a matrix, and of every node with itself."""
    rows, columns = matrix.nonzero()
    columns = columns + matrix.shape[0]
    own = np.arange(sum(matrix.shape))
    both = np.concatenate([rows, columns, own]), np.concatenate([columns, rows, own])
    return torch.from_numpy(np.stack(both).astype(np.int64))
