# SPDX-License-Identifier: Apache-2.0
"""Forward approximations: smooth functions that tend to the sign (survey, section III-B1a).

The derivative is the function's own; ``kind`` is "forward". Codes are the signs of the rows once
training is over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from hashrec_fast.binarizers.base import Binarizer, Step
from hashrec_fast.binarizers.schedule import EpochSchedule
from hashrec_fast.ranges import Main, Positive

if TYPE_CHECKING:
    from torch import Tensor


def _cigar() -> EpochSchedule:
    return EpochSchedule(kind="sqrt", rate=10.0)


@dataclass(frozen=True, kw_only=True)
class Identity(Binarizer):
    """The rows themselves: signs, medians or rotations come after training (two-stage).

    Examples
    --------
    >>> import torch
    >>> Identity().relax(torch.tensor([[-0.5, 2.0]]), Step())
    tensor([[-0.5000,  2.0000]])
    """

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """The rows themselves; see :meth:`Binarizer.relax`."""
        del step
        return real


@dataclass(frozen=True, kw_only=True)
class Tanh(Binarizer):
    """Tanh ``tanh(beta x)`` with a ``beta`` that changes with the epoch (survey eq. 31).

    CIGAR, FHN, DJSRH, CCSR and BIHGH differ in the schedule; TSGNH learns ``beta``, which is
    then part of its tower.

    Attributes
    ----------
    schedule : EpochSchedule
        The factor ``beta`` by epoch; CIGAR's by default.

    Examples
    --------
    >>> import torch
    >>> Tanh(schedule=EpochSchedule(start=0.5)).relax(torch.tensor([[0.0, 2.0]]), Step())
    tensor([[0.0000, 0.7616]])
    """

    schedule: EpochSchedule = field(default_factory=_cigar)

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """Values ``tanh(beta x)``; see :meth:`Binarizer.relax`."""
        return (self.schedule(step) * real).tanh()


@dataclass(frozen=True, kw_only=True)
class Erf(Binarizer):
    """Error function ``erf(beta x)`` (ABinCF; its paper gives no schedule).

    Attributes
    ----------
    schedule : EpochSchedule
        The factor ``beta`` by epoch.

    Examples
    --------
    >>> import torch
    >>> Erf(schedule=EpochSchedule(start=1.0)).relax(torch.tensor([[0.0, 1.0]]), Step())
    tensor([[0.0000, 0.8427]])
    """

    schedule: EpochSchedule = field(default_factory=_cigar)

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """Values ``erf(beta x)``; see :meth:`Binarizer.relax`."""
        return (self.schedule(step) * real).erf()


@dataclass(frozen=True, kw_only=True)
class GumbelSign(Binarizer):
    """Binary Gumbel softmax ``2 sigmoid((x + noise) / temperature) - 1`` (ABinCF).

    The difference of two Gumbel variables is logistic; the paper argues for Gaussian noise.
    Without training there is no noise.

    Attributes
    ----------
    temperature : float
        Softness of the signs; near 0 they are all but -1 and 1.
    noise : {"logistic", "gaussian"}
        Distribution of the noise, in standard form: variance ``pi^2 / 3``, or 1.

    Examples
    --------
    >>> import torch
    >>> GumbelSign(temperature=1.0).relax(torch.tensor([[0.0]]), Step(training=False))
    tensor([[0.]])
    """

    temperature: Main[Positive] = 0.5
    noise: Literal["logistic", "gaussian"] = "logistic"

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """The formula of the class; see :meth:`Binarizer.relax`."""
        noisy = real
        if step.training and self.noise == "gaussian":
            noisy = real + real.detach().new_empty(real.shape).normal_(generator=step.generator)
        elif step.training:
            draws = real.detach().new_empty(real.shape).uniform_(generator=step.generator)
            noisy = real + draws.logit(eps=1e-7)  # a draw of exactly 0 would be -infinity
        return (noisy / (2 * self.temperature)).tanh()
