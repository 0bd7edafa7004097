# SPDX-License-Identifier: Apache-2.0
"""Squared error of ratings as the variational hashing papers scale them, with noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.batch_term import BatchTerm
from hashrec_fast.ranges import Main, NonNegative, Share

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class NoisyRatingSquare(BatchTerm):
    """Mean of ``(2 (r + e) / r_max - 1 - s)^2``, scores in units of ``n_bits`` (NeuHash, VHPHD).

    The lowest rating is not -1 but ``2 r_min / r_max - 1``, as published. Pairs that are drawn
    and not observed have the target -1, without noise.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    noise : float
        Standard deviation of ``e``, normal and drawn anew in every step.
    decay : float
        Factor of the noise from epoch to epoch (the authors' is .9999 a step).
    """

    batches: ClassVar[frozenset[str]] = frozenset({"pointwise"})
    noise: Main[NonNegative] = 1.0
    decay: Share = 0.98

    def cost(self, view: Any) -> Tensor:
        """The formula of the class; see :meth:`BatchTerm.cost`."""
        batch, high = view.batch, view.scale.high
        if not high > 0:
            raise ValueError(f"ratings must reach above 0, the highest is {high:g}")
        ratings = batch.values
        size = self.noise * self.decay**view.step.epoch
        if size > 0:
            drawn = ratings.new_empty(ratings.shape).normal_(generator=view.step.generator)
            ratings = ratings + size * drawn
        targets = (2 * ratings / high - 1).where(batch.observed, ratings.new_tensor(-1.0))
        squares = ((targets - view.scores) ** 2).masked_fill(~batch.mask, 0)
        total: Tensor = self.weight * squares.sum() / batch.mask.sum().clamp(min=1)
        return total
