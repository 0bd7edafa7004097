# SPDX-License-Identifier: Apache-2.0
"""Cross-entropy of a probability that is linear in the score (survey eqs. 13 and 16)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Interval

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class BoundedBCE(Loss):
    """Cross-entropy ``-y ln p - (1 - y) ln(1 - p)`` of labels ``y``, ``p = 1/2 + s/2`` (TSGNH).

    Attributes
    ----------
    margin : float
        ``p`` is kept at least so far from 0 and 1.
    """

    differentiable: ClassVar[bool] = True
    margin: Annotated[float, Interval(low=0, high=0.5, low_open=True)] = 1e-7

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Cross-entropy of each pair; see :meth:`Loss.value`."""
        p = ((1 + scores) / 2).clamp(self.margin, 1 - self.margin)
        losses = -relevance * p.log() - (1 - relevance) * (1 - p).log()
        return losses.masked_fill(~mask, 0)
