# SPDX-License-Identifier: Apache-2.0
"""Objective terms that look at a whole step: its rows, its codes and the tower's network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class BatchTerm(Loss):
    """Base of terms over a whole step; only loops that follow gradients take them.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    weight: Main[Weight] = 1.0

    def cost(self, view: Any) -> Tensor:
        """Value of the term times ``weight``, a scalar.

        Parameters
        ----------
        view : StepView
            What :mod:`hashrec_fast.training.step` shows of a step.
        """
        raise NotImplementedError(f"{type(self).__name__} has no cost")
