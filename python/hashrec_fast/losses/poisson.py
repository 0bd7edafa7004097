# SPDX-License-Identifier: Apache-2.0
"""Poisson likelihood of interactions (BiVAE; HCFRec eq. 8 with sign and logarithm mended)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Poisson(Loss):
    """``r - y ln(r + 1e-10)`` with the rate ``r = 1/2 + s/2`` in [0, 1] and labels ``y``.

    ``s = b'd / n_bits``. HCFRec prints the likelihood where its logarithm belongs, so that its
    pull at ``y = 5`` is thousands of times too weak. Scores beyond -1 and 1, which codes do not
    have, count as -1 and 1.
    """

    differentiable: ClassVar[bool] = True

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of each pair; see :meth:`Loss.value`."""
        rates = (0.5 + 0.5 * scores).clamp(0, 1)
        return (rates - relevance * (rates + 1e-10).log()).masked_fill(~mask, 0)
