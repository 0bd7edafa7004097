# SPDX-License-Identifier: Apache-2.0
"""Bayesian personalised ranking (Rendle et al., UAI 2009; survey eq. 17 with its sign mended)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Positive

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class BPR(Loss):
    """Ranking loss ``-ln sigmoid(sharpness (s_i - s_j))``, item i observed and item j not.

    Attributes
    ----------
    sharpness : float
        Factor of the scores, which are ``b'd / n_bits``.
    """

    samples: ClassVar[str] = "pairwise"
    differentiable: ClassVar[bool] = True
    sharpness: Main[Positive] = 8.0

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Loss of the first entry against each of the others; see :meth:`Loss.value`."""
        del relevance  # the order of the entries says which is the positive
        margins = self.sharpness * (scores[:, :1] - scores[:, 1:])
        losses = margins.new_zeros(()).logaddexp(-margins)
        return losses.masked_fill(~(mask[:, 1:] & mask[:, :1]), 0)
