# SPDX-License-Identifier: Apache-2.0
"""Features of one side to real vectors, and back by a decoder."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.sides import SideNetwork
from hashrec_fast.towers.networks.sparse_rows import SparseRows, glorot

if TYPE_CHECKING:
    from hashrec_fast.towers.content import Content


class ContentSide(SideNetwork):
    """Layers with ReLU and dropout between them, the last one linear."""

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


class LinearDecoder(torch.nn.Module):
    """``x = y U diag(|scale|) + shift``, started at the features' variances and means (CGH)."""

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


class WordDecoder(torch.nn.Module):
    """A softmax over words: ``y (E R diag(importance))' + bias`` (NeuHash)."""

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
