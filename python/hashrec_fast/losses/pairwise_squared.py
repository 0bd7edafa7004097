# SPDX-License-Identifier: Apache-2.0
"""Squared error of score differences over all pairs of a user (survey eq. 18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class PairwiseSquare(Loss):
    """Squares ``sum_u mean over (i, j) of (margin f - b_u'(d_i - d_j))^2``, i a positive and j not.

    One-stage solvers count all pairs; nothing is sampled, and a user without positives, or
    without negatives, counts nothing. Strategies that follow gradients see the pairs that are
    sampled, in units of ``f``.

    Attributes
    ----------
    margin : float
        Wanted difference of scores in units of ``n_bits``. The survey's equation has 2, the
        authors of DPR use 1.
    """

    samples: ClassVar[str] = "pairwise"
    quadratic: ClassVar[bool] = True
    differentiable: ClassVar[bool] = True
    margin: Main[float] = 1.0

    def pairwise_margin(self, n_bits: int) -> float:
        """The margin on the raw scale."""
        return float(self.margin) * n_bits

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Square of the first entry against each of the others; see :meth:`Loss.value`."""
        del relevance  # the order of the entries says which is the positive
        losses = (self.margin - (scores[:, :1] - scores[:, 1:])) ** 2
        return losses.masked_fill(~(mask[:, 1:] & mask[:, :1]), 0)


def all_pairs_square(
    scores: Tensor, positive: Tensor, mask: Tensor, *, margin: float = 1.0
) -> Tensor:
    """Mean of ``(margin - (s_i - s_j))^2`` over all pairs of a list in O(length).

    With means a, b and variances of the positives' and the negatives' scores it is
    ``(margin - (a - b))^2 + var_P + var_N``.

    Parameters
    ----------
    scores : float tensor of shape (n_lists, length)
    positive, mask : bool tensors of the same shape
        Which entries are positives; which are no padding.
    margin : float

    Returns
    -------
    tensor of shape (n_lists,); 0 for lists without positives or without negatives

    Examples
    --------
    >>> import torch
    >>> scores, positive = torch.tensor([[0.5, 0.0, 1.0]]), torch.tensor([[True, False, False]])
    >>> all_pairs_square(scores, positive, torch.ones((1, 3), dtype=torch.bool))
    tensor([1.2500])
    """
    means, spread = [], scores.new_zeros(len(scores))
    counted = scores.new_ones(len(scores))
    for chosen in (positive & mask, ~positive & mask):
        count = chosen.sum(1).to(scores.dtype)
        mean = scores.masked_fill(~chosen, 0).sum(1) / count.clamp(min=1)
        deviations = (scores - mean[:, None]).masked_fill(~chosen, 0)
        spread = spread + (deviations**2).sum(1) / count.clamp(min=1)
        counted = counted * (count > 0)
        means.append(mean)
    return ((margin - (means[0] - means[1])) ** 2 + spread) * counted
