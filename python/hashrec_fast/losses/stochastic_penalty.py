# SPDX-License-Identifier: Apache-2.0
"""Penalty of values away from -1 and +1, with noise and ever stronger (DGCN-BinCF, IJCAI 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, NonNegative, Weight, ZeroOrMore

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class StochasticPenalty(Loss):
    """Penalty ``weight 2^(epoch // doubling)`` times the mean of ``(1 - |z + noise|)^2``.

    ``z`` is what the losses see of the distinct users and items of a batch. Only the abstract of
    the paper was there to read; form and numbers are ours.

    Attributes
    ----------
    weight : float
        Weight in the first epochs.
    deviation : float
        Standard deviation of the noise, drawn for every value.
    doubling : int
        Epochs until the weight has doubled; 0 leaves it.
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    weight: Main[Weight] = 0.01
    deviation: NonNegative = 0.1
    doubling: ZeroOrMore = 10

    def __post_init__(self) -> None:
        if self.deviation < 0 or self.doubling < 0:
            raise ValueError(
                "deviation and doubling must be at least 0, got "
                f"{self.deviation} and {self.doubling}"
            )

    def cost(self, view: Any) -> Tensor:
        """The formula of the class: the sum of the means of users and items."""
        strength = self.weight * 2 ** (view.step.epoch // self.doubling if self.doubling else 0)
        total: Any = 0.0
        for rows in view.codes.values():
            noise = rows.detach().new_empty(rows.shape).normal_(generator=view.step.generator)
            total = total + (1 - (rows + self.deviation * noise).abs()).square().mean()
        penalty: Tensor = strength * total
        return penalty
