# SPDX-License-Identifier: Apache-2.0
"""Vectors read from the features of one side (NeuHash, CGH)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.ranges import Count, Main, ShareBelowOne
from hashrec_fast.towers.base import SideNetwork, Tower, TowerData
from hashrec_fast.towers.layers.sparse_rows import SparseRows, glorot
from hashrec_fast.towers.lazy_torch import Module, torch

if TYPE_CHECKING:
    from torch import Tensor


DECODERS = {"none": frozenset(), "linear": {"a linear decoder"}, "words": {"a decoder of words"}}


@dataclass(frozen=True, kw_only=True)
class Content(Tower):
    """A small network on the features of a side, for use in :class:`Sides`.

    The first layer reads sparse rows; several views stand side by side. ReLU and dropout lie
    between layers, the last one is linear. Rows never met in training are encoded alike.

    Attributes
    ----------
    hidden : tuple of int
        Widths of hidden layers; empty is one linear map.
    dropout : float
        Share of hidden units that training leaves out.
    importance : bool
        Whether every feature has a learned weight, uniform in (.1, 1) at first (NeuHash).
    decoder : {"none", "linear", "words"}
        What objective terms may use to give features back from codes: a scaled linear map (CGH)
        or a softmax over the features that are above zero (NeuHash).
    word_width : int
        Width of the word vectors of the decoder "words".
    """

    reads_features: ClassVar[bool] = True
    hidden: Main[tuple[Count, ...]] = ()
    dropout: ShareBelowOne = 0.0
    importance: bool = False
    decoder: Literal["none", "linear", "words"] = "none"
    word_width: Count = 300

    @property
    def only_by_terms(self) -> frozenset[str]:  # type: ignore[override]
        """The decoder."""
        return frozenset(DECODERS[self.decoder])

    def side_needs(self, side: str) -> frozenset[str]:
        """The features of the side."""
        return frozenset({f"{side}_features"})

    def build_side(self, data: TowerData, side: str) -> SideNetwork:
        """The encoder, and the decoder where there is one."""
        return ContentSide(self, data, side)

    def read(
        self, features: tuple[sp.csr_matrix, ...], arrays: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.float32]:
        """Outputs for rows of features (n, n_features) by exported weights, (n, n_bits)."""
        rows = sp.csr_matrix(sp.hstack(features), dtype=np.float64)
        weight = arrays["weight_0"].astype(np.float64)
        if self.importance:
            weight = weight * arrays["importance"][:, None]
        hidden = rows @ weight + arrays["bias_0"]
        for i in range(1, len(self.hidden) + 1):
            hidden = np.maximum(hidden, 0) @ arrays[f"weight_{i}"] + arrays[f"bias_{i}"]
        return np.asarray(hidden, dtype=np.float32)


class ContentSide(SideNetwork):
    """Encoder of features: layers with ReLU and dropout between them, the last one linear."""

    def __init__(self, tower: Content, data: TowerData, side: str) -> None:
        super().__init__()
        features = sp.csr_matrix(sp.hstack(data.side_info.features(side)))
        self._features = SparseRows(features)
        widths = (features.shape[1], *tower.hidden, data.n_bits)
        self.weights = torch.nn.ParameterList(glorot(a, b) for a, b in pairwise(widths))
        self.biases = torch.nn.ParameterList(torch.nn.Parameter(torch.zeros(b)) for b in widths[1:])
        self.importance = None
        if tower.importance:
            self.importance = torch.nn.Parameter(torch.empty(widths[0]).uniform_(0.1, 1.0))
        self._dropout = torch.nn.Dropout(tower.dropout)
        if tower.decoder == "linear":
            self.decoder = LinearDecoder(features, data.n_bits)
        elif tower.decoder == "words":
            self.decoder = WordDecoder(features.shape[1], data.n_bits, tower.word_width)

    def encode(self, rows: Tensor) -> Tensor:
        """Outputs for rows of the training features."""
        hidden = self._features.times(rows, self.weights[0], self.importance) + self.biases[0]
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            hidden = self._dropout(hidden.relu()) @ weight + bias
        encoded: Tensor = hidden
        return encoded

    def decoding_loss(self, rows: Tensor, codes: Tensor) -> Tensor:
        """Mean over rows of what the decoder loses, a scalar."""
        decoder: Any = self.decoder
        lost: Tensor = decoder.loss(codes, rows, self._features, self.importance)
        return lost

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The encoder's weights."""
        found = {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        found |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        if self.importance is not None:
            found["importance"] = self.importance
        return {name: value.detach().cpu().numpy() for name, value in found.items()}


class LinearDecoder(Module):
    """Decoder ``x = y U diag(|scale|) + shift``; starts at variances and means (CGH)."""

    kind = "linear"

    def __init__(self, features: sp.csr_matrix, n_bits: int) -> None:
        super().__init__()
        mean = np.asarray(features.mean(axis=0)).ravel()
        variance = np.asarray(features.multiply(features).mean(axis=0)).ravel() - mean**2
        self.weight = glorot(features.shape[1], n_bits)
        self.scale = torch.nn.Parameter(torch.from_numpy(variance.astype(np.float32)))
        self.shift = torch.nn.Parameter(torch.from_numpy(mean.astype(np.float32)))

    def loss(
        self, codes: Tensor, rows: Tensor, features: SparseRows, importance: Tensor | None
    ) -> Tensor:
        """Half the squared distance to the features, by Gram matrices and never dense."""
        del importance
        columns = self.weight * self.scale.abs()[:, None]  # (n_features, n_bits)
        squared = ((codes @ (columns.T @ columns)) * codes).sum(1)
        squared = squared + 2 * codes @ (columns.T @ self.shift) + self.shift.square().sum()
        mixed = (features.times(rows, columns) * codes).sum(1)
        mixed = mixed + features.times(rows, self.shift[:, None])[:, 0]
        _, values, offsets = features.take(rows)
        own = torch.zeros_like(squared).index_add(
            0, torch.repeat_interleave(torch.arange(len(rows)).to(rows), offsets.diff()), values**2
        )
        return (squared - 2 * mixed + own).mean() / 2

    def size(self) -> Tensor:
        """Half the sum of squares of the weights."""
        return self.weight.square().sum() / 2


class WordDecoder(Module):
    """Decoder to words, a softmax of ``y (E R diag(importance))' + bias`` (NeuHash)."""

    kind = "words"

    def __init__(self, n_words: int, n_bits: int, width: int) -> None:
        super().__init__()
        self.words = glorot(n_words, width)
        self.reduction = glorot(width, n_bits)
        self.bias = torch.nn.Parameter(torch.zeros(n_words))

    def loss(
        self, codes: Tensor, rows: Tensor, features: SparseRows, importance: Tensor | None
    ) -> Tensor:
        """Negative log-probability of the words that are there, summed over a row's words."""
        table = self.words @ self.reduction
        if importance is not None:
            table = table * importance[:, None]
        columns, values, offsets = features.take(rows)
        there = values > 0
        owners = torch.repeat_interleave(torch.arange(len(rows)).to(rows), offsets.diff())[there]
        norms = (codes @ table.T + self.bias).logsumexp(1)
        words = columns[there]
        logits = (codes[owners] * table[words]).sum(1) + self.bias[words]
        return (norms[owners] - logits).sum() / max(len(rows), 1)
