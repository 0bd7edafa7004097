# SPDX-License-Identifier: Apache-2.0
"""Projection of sparse features by one dense layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from hashrec_fast.towers.layers.adjacency import Adjacency, propagate
from hashrec_fast.towers.lazy_torch import Module, torch

if TYPE_CHECKING:
    from torch import Tensor


class FeatureProjection(Module):
    """Product ``X W`` for all rows at once, without bias.

    Parameters
    ----------
    views : sequence of csr_matrix (n, n_features)
        Set side by side; every column is divided by the root mean square of its stored entries, so
        that numbers of any unit weigh like ones and zeros stay zeros.
    width : int
    num_threads : int
    """

    def __init__(self, views: Sequence[sp.csr_matrix], width: int, num_threads: int = 0) -> None:
        super().__init__()
        features = sp.hstack(views, format="csr", dtype=np.float64)
        squares = np.bincount(features.indices, features.data**2, features.shape[1])
        counts = np.bincount(features.indices, minlength=features.shape[1])
        scales = np.sqrt(squares / np.maximum(counts, 1))
        scales[scales == 0] = 1
        features.data /= scales[features.indices]
        self._features = Adjacency.from_csr(features, num_threads=num_threads)
        self.weight = torch.nn.Parameter(torch.randn(features.shape[1], width) * 0.1)

    def forward(self) -> Tensor:
        """Projected rows (n, width)."""
        return propagate(self._features, self.weight)
