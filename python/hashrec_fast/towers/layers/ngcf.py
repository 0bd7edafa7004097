# SPDX-License-Identifier: Apache-2.0
"""One layer of neural graph collaborative filtering (Wang et al., SIGIR 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hashrec_fast.towers.layers.adjacency import Adjacency, propagate
from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor

SLOPE = 0.2


class NGCFLayer(Module):
    """Layer ``act(S W1 + b1) + act((E * S) W2 + b2)`` with ``S = A E``, then dropout.

    ``act`` is a leaky ReLU, as in the authors' code; the survey's eqs. 5-6 miss the square root of
    the normalisation and name a sigmoid.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.sum = torch.nn.Linear(width, width)
        self.product = torch.nn.Linear(width, width)
        for linear in (self.sum, self.product):
            torch.nn.init.xavier_uniform_(linear.weight)
            torch.nn.init.zeros_(linear.bias)
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, adjacency: Adjacency, nodes: Tensor) -> Tensor:
        """The next layer (n_nodes, width)."""
        gathered = propagate(adjacency, nodes)
        act = functional.leaky_relu
        both = act(self.sum(gathered), SLOPE) + act(self.product(nodes * gathered), SLOPE)
        dropped: Tensor = self.dropout(both)
        return dropped
