# SPDX-License-Identifier: Apache-2.0
"""Plackett-Luce likelihood of a list in order of relevance (survey eqs. 23-25, corrected)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class PlackettLuce(Loss):
    """``sum_j ln sum_{l >= j} exp(z_l) - z_j`` over the list by falling relevance.

    ``z = sharpness s``. Entries of equal relevance keep the order in which they are given, so
    that a sampler may shuffle them (the stochastic queue of SQL-Rank).

    Attributes
    ----------
    sharpness : float
        Factor of the scores, which are ``b'd / n_bits``.
    """

    samples: ClassVar[str] = "listwise"
    differentiable: ClassVar[bool] = True
    relevance: ClassVar[str] = "grades"
    sharpness: float = 8.0

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of each list; see :meth:`Loss.value`."""
        # Padding goes behind every entry and is too small to count in any sum.
        order = relevance.masked_fill(~mask, -float("inf")).argsort(
            dim=1, descending=True, stable=True
        )
        logits = (self.sharpness * scores).masked_fill(~mask, -1e30).gather(1, order)
        tails = logits.flip(1).logcumsumexp(1).flip(1)
        return (tails - logits).masked_fill(~mask.gather(1, order), 0).sum(1)
