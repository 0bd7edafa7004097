# SPDX-License-Identifier: Apache-2.0
"""Poisson likelihood of interactions (BiVAE; HCFRec eq. 8 with sign and logarithm mended)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Positive, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Poisson(Loss):
    """Negative log-likelihood ``r - y ln(r + 1e-10)`` of labels ``y``, rate ``r = 1/2 + s/2``.

    ``s = b'd / n_bits``. HCFRec prints the likelihood where its logarithm belongs, so that its
    pull at ``y = 5`` is thousands of times too weak. Scores beyond -1 and 1, which codes do not
    have, count as -1 and 1.

    Attributes
    ----------
    link : {"affine", "sigmoid"}
        What makes a rate of a score: ``1/2 + s/2``, or ``sigmoid(sharpness s)`` (BiVAE, whose
        scores are inner products).
    sharpness : float
        Factor of the score under the sigmoid; with codes it decides how small a rate can be.
    positive_weight : float
        Factor of the logarithm, which is all that observed pairs have of their own; 1 is the
        likelihood.
    """

    differentiable: ClassVar[bool] = True
    link: Literal["affine", "sigmoid"] = "affine"
    sharpness: Positive = 1.0
    positive_weight: Main[Weight] = 1.0

    def __post_init__(self) -> None:
        if self.link not in ("affine", "sigmoid"):
            raise ValueError(f"link must be 'affine' or 'sigmoid', got {self.link!r}")

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Negative log-likelihood of each pair; see :meth:`Loss.value`."""
        if self.link == "sigmoid":
            rates = (self.sharpness * scores).sigmoid()
        else:
            rates = (0.5 + 0.5 * scores).clamp(0, 1)
        labels = self.positive_weight * relevance
        return (rates - labels * (rates + 1e-10).log()).masked_fill(~mask, 0)
