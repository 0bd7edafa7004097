# SPDX-License-Identifier: Apache-2.0
"""Margins between an observed item and unobserved ones: hinge and cosine contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Hinge(Loss):
    """Hinge ``max(0, margin - (s_i - s_j))`` of an observed item i and an unobserved j (as in CML).

    Attributes
    ----------
    margin : float
        Wanted difference of the scores ``b'd / n_bits``.
    """

    samples: ClassVar[str] = "pairwise"
    differentiable: ClassVar[bool] = True
    margin: Main[float] = 0.25

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Hinge of the first entry against each of the others; see :meth:`Loss.value`."""
        del relevance  # the order of the entries says which is the positive
        losses = (self.margin - (scores[:, :1] - scores[:, 1:])).clamp(min=0)
        return losses.masked_fill(~(mask[:, 1:] & mask[:, :1]), 0)


@dataclass(frozen=True, kw_only=True)
class CosineContrast(Loss):
    """Contrast ``(1 - s_i) + negative_weight mean over j of max(0, s_j - margin)`` (SimpleX).

    ``s`` is a cosine, which ``b'd / n_bits`` is for codes. The paper's equation is quoted from
    memory; it tunes the margin within 0.3 to 0.9 and the weight within 100 to 1000, for as many
    negatives.

    Attributes
    ----------
    margin : float
        Negatives below it are left alone.
    negative_weight : float
        Weight of the negatives' part.
    """

    samples: ClassVar[str] = "pairwise"
    differentiable: ClassVar[bool] = True
    margin: Main[float] = 0.5
    negative_weight: Main[Weight] = 100.0

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Loss of each negative, whose mean over a list is the class's; see :meth:`Loss.value`."""
        del relevance  # the order of the entries says which is the positive
        counted = mask[:, 1:] & mask[:, :1]
        excess = (scores[:, 1:] - self.margin).clamp(min=0)
        losses = (1 - scores[:, :1]) + self.negative_weight * excess
        return losses.masked_fill(~counted, 0)
