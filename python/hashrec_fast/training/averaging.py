# SPDX-License-Identifier: Apache-2.0
"""A running mean of a network's parameters, exported in place of the last ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class RunningMean:
    """Exponentially weighted mean of all parameters; nothing where ``decay`` is 0.

    Signs of single steps jump when rows are near zero, signs of the mean hardly do.

    Parameters
    ----------
    network : torch.nn.Module
    decay : float
        Weight of the old mean at every step, in [0, 1).
    """

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        self._network, self._decay = network, decay
        self.steps = 0
        self.values: dict[str, Tensor] = {}
        if decay:
            self.values = {k: v.detach().clone() for k, v in network.named_parameters()}

    def update(self) -> None:
        """Take the present parameters in; early on, all steps weigh alike."""
        if not self.values:
            return
        self.steps += 1
        decay = min(self._decay, 1 - 1 / self.steps)
        with torch.no_grad():
            for name, parameter in self._network.named_parameters():
                self.values[name].lerp_(parameter, 1 - decay)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Let the network have the mean for a while."""
        if not self.values or self.steps == 0:
            yield
            return
        own = {k: v.detach().clone() for k, v in self._network.named_parameters()}
        self._put(self.values)
        try:
            yield
        finally:
            self._put(own)

    def _put(self, values: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self._network.named_parameters():
                parameter.copy_(values[name])
