# SPDX-License-Identifier: Apache-2.0
"""Divergences of drawn rows from their priors (BiVAE; HCFRec eqs. 3 and 7).

Both are sums over the dimensions and means over the rows, divided by the number of pairs that a
row has in the batch. Beside the mean of a likelihood over the pairs they then weigh what they weigh
in the evidence bound, whatever the size of a batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Positive, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class LatentTerm(Loss):
    """Base of terms that are a number per side, averaged over its rows.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    asks: ClassVar[frozenset[str]] = frozenset({"drawn rows"})
    batches: ClassVar[frozenset[str]] = frozenset({"pointwise"})
    weight: Main[Weight] = 1.0

    def cost(self, view: Any) -> Tensor:
        """Weighted sum over the sides that learn."""
        total: Tensor = view.scores.new_zeros(())
        for side in view.learning:
            rows = max(len(view.rows[side]), 1)
            pairs = view.batch.mask.sum().clamp(min=1) / rows
            total = total + self.of_side(view, side) / pairs
        return self.weight * total

    def of_side(self, view: Any, side: str) -> Tensor:
        """Mean over the rows of one side."""
        raise NotImplementedError(f"{type(self).__name__} has no value")


@dataclass(frozen=True, kw_only=True)
class LatentKL(LatentTerm):
    """Divergence ``1/2 sum (mean^2 + var - ln var - 1)`` from the standard normal distribution."""

    def of_side(self, view: Any, side: str) -> Tensor:
        """The formula of the class over the rows of one side."""
        latent = view.network.latent(side)
        logs = 2 * latent.log_deviation
        terms = latent.mean.square() + logs.exp() - logs - 1
        mean: Tensor = 0.5 * terms.sum(1).mean()
        return mean


@dataclass(frozen=True, kw_only=True)
class FlowKL(LatentTerm):
    """Divergence ``ln q(z) - ln p(z)`` of the flow's draws, p half around 1 and half around -1.

    The sample mean; the paper's eq. 7 multiplies by ``q`` once more, which is no divergence.

    Attributes
    ----------
    variance : float
        Variance of both normal distributions of the prior (gamma of eq. 6).
    """

    variance: Positive = 0.015

    def __post_init__(self) -> None:
        if not self.variance > 0:
            raise ValueError(f"variance must be above 0, got {self.variance}")

    def of_side(self, view: Any, side: str) -> Tensor:
        """The formula of the class over the rows of one side."""
        latent = view.network.latent(side)
        mean: Tensor = (latent.log_density - self.log_prior(latent.last)).sum(1).mean()
        return mean

    def log_prior(self, z: Tensor) -> Tensor:
        """Log-density of every element."""
        above, below = (-(z - c).square() / (2 * self.variance) for c in (1, -1))
        constant = math.log(0.5) - 0.5 * math.log(2 * math.pi * self.variance)
        return above.logaddexp(below) + constant
