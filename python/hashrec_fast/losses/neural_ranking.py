# SPDX-License-Identifier: Apache-2.0
"""Average precision and NDCG of softly sorted lists, as losses (survey eqs. 20-22, corrected)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.neural_sort import neural_sort
from hashrec_fast.ranges import Count, Main, Positive

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class NeuralSortLoss(Loss):
    """Base of losses that look at the first ``k`` places of a softly sorted list.

    Attributes
    ----------
    k : int
        Places looked at.
    temperature : float
        Temperature of the sort; entries within about ``sqrt(length * temperature)`` places of the
        top feel a pull.
    sharpness : float
        The list is sorted by ``sigmoid(sharpness s)``, where ``s = b'd / n_bits``.
    """

    samples: ClassVar[str] = "listwise"
    differentiable: ClassVar[bool] = True
    k: Main[Count] = 10
    temperature: Positive = 1.0
    sharpness: Positive = 8.0

    def _first(self, scores: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        squashed = (self.sharpness * scores).sigmoid()
        return neural_sort(squashed, values, mask, self.k, self.temperature)


@dataclass(frozen=True, kw_only=True)
class NeuralAP(NeuralSortLoss):
    """Loss ``1 - AP@k``: AP is the mean precision weighted by the soft labels ``y_1 .. y_k``."""

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Losses ``1 - AP@k`` of each list; see :meth:`Loss.value`."""
        labels = self._first(scores, relevance, mask)
        ranks = labels.new_ones(self.k).cumsum(0)
        precision = labels.cumsum(1) / ranks
        # The small number keeps a list without any hit at AP = 0 instead of 0 / 0.
        return 1 - (labels * precision).sum(1) / (labels.sum(1) + 1e-12)


@dataclass(frozen=True, kw_only=True)
class NeuralNDCG(NeuralSortLoss):
    """Loss ``1 - NDCG@k`` with gains ``2^y - 1`` and discounts ``1 / log2(rank + 1)``."""

    relevance: ClassVar[str] = "grades"

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Losses ``1 - NDCG@k`` of each list; a list without gains has the value 1."""
        gains = (relevance.exp2() - 1).masked_fill(~mask, 0)
        discounts = 1 / (gains.new_ones(self.k).cumsum(0) + 1).log2()
        found = (self._first(scores, gains, mask) * discounts).sum(1)
        best = gains.sort(dim=1, descending=True).values[:, : self.k]
        ideal = (best * discounts[: best.shape[1]]).sum(1)
        return 1 - found / (ideal + 1e-12)
