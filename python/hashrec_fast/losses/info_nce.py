# SPDX-License-Identifier: Apache-2.0
"""Contrast of two noisy views of the same rows (InfoNCE; SimGCL, SIGIR 2022; BGCH+, TKDE 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Positive, Weight, ZeroOrMore

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True, kw_only=True)
class InfoNCE(Loss):
    """Contrast of two views: each row should know its other view among those of the batch.

    Mean over rows of ``ln sum_j exp(cos(x_i, y_j) / t) - cos(x_i, y_i) / t``, added up over users
    and items, of the tower's real outputs and of what losses see of them. The tower must have two
    views, such as ``Propagation(noise=...)``.

    Attributes
    ----------
    code_weight : float
        Weight of the codes' part.
    feature_weight : float
        Weight of the real outputs' part.
    temperature : float
        Divisor of the cosines.
    rows : int
        Most rows of one side that are compared in a step, drawn anew each time; 0 takes all of
        the batch.
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    asks: ClassVar[frozenset[str]] = frozenset({"noisy views"})
    code_weight: Main[Weight] = 0.1
    feature_weight: Main[Weight] = 0.1
    temperature: Positive = 0.2
    rows: ZeroOrMore = 1024

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"temperature must be above 0, got {self.temperature}")

    def cost(self, view: Any) -> Tensor:
        """Weighted sum over users and items, codes and real outputs."""
        total: Any = 0.0
        for side, ids in view.rows.items():
            chosen = ids[some_rows(ids, self.rows, view.step.generator)]
            first, second = view.network.views(side, chosen)
            if self.feature_weight:
                total = total + self.feature_weight * self.contrast(first, second)
            if self.code_weight:
                codes = view.relaxed(first), view.relaxed(second)
                total = total + self.code_weight * self.contrast(*codes)
        value: Tensor = total
        return value

    def contrast(self, first: Tensor, second: Tensor) -> Tensor:
        """The mean over rows for two views (n, width) of the same n rows."""
        first, second = _unit(first), _unit(second)
        logits = (first @ second.T) / self.temperature
        return (logits.logsumexp(dim=1) - logits.diagonal()).mean()


def some_rows(ids: Tensor, count: int, generator: Generator | None) -> Tensor:
    """Places of ``count`` of the ``ids`` in random order; of all, in order, for 0 or few ids."""
    import torch  # noqa: PLC0415 - import time

    if not 0 < count < len(ids):
        return torch.arange(len(ids), device=ids.device)
    return torch.randperm(len(ids), generator=generator, device=ids.device)[:count]


def _unit(rows: Tensor) -> Tensor:
    unit: Tensor = rows / rows.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return unit
