# SPDX-License-Identifier: Apache-2.0
"""Binary cross-entropy of observed and sampled pairs (survey eq. 15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Positive

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class BCE(Loss):
    """Cross-entropy ``-y ln p - (1 - y) ln(1 - p)`` of labels ``y``, ``p = sigmoid(sharpness s)``.

    Attributes
    ----------
    sharpness : float
        Factor of the score, which is ``b'd / n_bits``; ``n_bits`` gives the bare inner product.
    """

    differentiable: ClassVar[bool] = True
    sharpness: Main[Positive] = 8.0

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Cross-entropy of each pair; see :meth:`Loss.value`."""
        logits = self.sharpness * scores
        # ln(1 + e^x) by logaddexp: neither overflows nor needs torch to be imported here.
        losses = logits.new_zeros(()).logaddexp(logits) - relevance * logits
        return losses.masked_fill(~mask, 0)
