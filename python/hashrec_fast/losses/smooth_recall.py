# SPDX-License-Identifier: Apache-2.0
"""Recall@n of soft ranks (SRLoss, AAAI 2024 student abstract; equations 1-3, corrected).

The paper's rank counts the items that score *lower*, and its ``- N`` stands outside of the outer
function. Here the rank of a positive i is ``R_i = 1 + sum_{j != i} K((s_j - s_i) / t)`` and the
loss is the mean of ``M((R_i - n) / t')``, a smooth form of "i is not among the first n".
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.step_functions import KINDS, smooth_step
from hashrec_fast.ranges import Count, Main, Positive

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class SmoothRecall(Loss):
    """One minus a smooth Recall@n.

    Attributes
    ----------
    n : float
        Places looked at. A positive exactly there counts half with the sigmoid, as the paper's
        formula has it; ``n + 0.5`` puts the step between two places, where cold temperatures
        give the exact recall.
    inner_temperature : float
        Temperature of differences of scores ``b'd / n_bits``. On the integers ``b'd`` it is
        ``n_bits`` times that; the default is their temperature 1 at 64 bits.
    outer_start : float or None
        Temperature of ranks, in places, at the beginning of training. A small one starves: ranks
        begin near the middle of the catalogue. ``None`` is ``max(1, n_items / 8)``.
    outer_end : float or None
        The same at the end of training. ``None`` is half of ``n``, or the start where that is less.
    inner : {"sigmoid", "softplus", "hinge", "exponential"}
        Step function K, whose sum over the other items is a rank. With another than the sigmoid
        ranks may exceed the catalogue.
    outer : {"sigmoid", "softplus", "hinge", "exponential"}
        Step function M, which says how far a rank is within the first ``n``.
    n_items : int or None
        Size of the catalogue that :meth:`value`'s lists are samples of; ``None`` takes a list
        for the whole catalogue.

    Examples
    --------
    >>> import torch
    >>> loss = SmoothRecall(n=1, inner_temperature=1e-3, outer_start=1e-3)
    >>> scores = torch.tensor([[0.9, 0.5, 0.7]])
    >>> positives = torch.tensor([[1.0, 1.0, 0.0]])
    >>> loss.value(scores, positives, torch.ones((1, 3), dtype=torch.bool))
    tensor([0.7500])

    The first positive has rank 1, just where the outer sigmoid is a half; the second misses.
    """

    samples: ClassVar[str] = "listwise"
    differentiable: ClassVar[bool] = True
    n: Main[Positive] = 50.0
    inner_temperature: Main[Positive] = 1 / 64
    outer_start: Positive | None = None
    outer_end: Positive | None = None
    inner: Literal["sigmoid", "softplus", "hinge", "exponential"] = "sigmoid"
    outer: Literal["sigmoid", "softplus", "hinge", "exponential"] = "sigmoid"
    n_items: Count | None = None

    def __post_init__(self) -> None:
        for name in ("n", "inner_temperature", "outer_start", "outer_end", "n_items"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} must be a number above 0, got {value!r}")
        for name in ("inner", "outer"):
            if getattr(self, name) not in KINDS:
                known = ", ".join(map(repr, KINDS))
                raise ValueError(f"{name} must be one of {known}, got {getattr(self, name)!r}")

    def at(self, progress: float, n_items: int) -> SmoothRecall:
        """The loss at a share ``progress`` in [0, 1] of training, with its temperature fixed.

        The temperature falls geometrically from ``outer_start`` to ``outer_end``.
        """
        start = max(1.0, n_items / 8) if self.outer_start is None else self.outer_start
        end = min(start, self.n / 2) if self.outer_end is None else self.outer_end
        now = start * (end / start) ** min(max(progress, 0.0), 1.0)
        return dataclasses.replace(self, outer_start=now, outer_end=now, n_items=n_items)

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Mean miss of each list's positives at the beginning's temperature.

        Entries with a relevance above 0 are positives, the others a sample of the unobserved
        items: with ``n_items`` they stand for all ``n_items - n_positives`` of them. A list
        without positives has the value 0. Memory is positives times length of a list, which
        should not be much above 512. See :meth:`Loss.value`.
        """
        positive = (relevance > 0) & mask
        n_positives = positive.sum(1, keepdim=True).to(scores.dtype)
        n_others = (mask & ~positive).sum(1, keepdim=True).to(scores.dtype)
        weights = mask.to(scores.dtype)
        if self.n_items is not None:
            share = (self.n_items - n_positives).clamp(min=0) / n_others.clamp(min=1)
            weights = weights.where(positive | ~mask, share.expand_as(weights))
        scores = scores.masked_fill(~mask, 0)
        longest = max(1, int(n_positives.max())) if len(scores) else 1
        order = positive.to(scores.dtype).argsort(dim=1, descending=True, stable=True)[:, :longest]
        own, inside = scores.gather(1, order), positive.gather(1, order)
        above = (scores[:, None, :] - own[:, :, None]) / self.inner_temperature
        # An entry is not above itself, but the sum has it, with the value at 0.
        itself = smooth_step(scores.new_zeros(()), self.inner)
        ranks = 1 - itself + (smooth_step(above, self.inner) * weights[:, None, :]).sum(2)
        if self.outer_start is None:
            size = n_positives + n_others if self.n_items is None else 0 * n_others + self.n_items
            temperature = (size / 8).clamp(min=1)
        else:
            temperature = scores.new_full((1, 1), self.outer_start)
        misses = smooth_step((ranks - self.n) / temperature, self.outer)
        return misses.masked_fill(~inside, 0).sum(1) / n_positives.clamp(min=1)[:, 0]

    def catalogue(
        self,
        user: Tensor,
        item: Tensor,
        indptr: Tensor,
        indices: Tensor,
        *,
        path: str = "auto",
        tile: int | None = None,
    ) -> Tensor:
        """The loss of a batch of users against all items, not a sample.

        Use ``loss.at(progress, n_items).catalogue(..)`` for the temperature of an epoch. Arguments
        are those of :func:`hashrec_fast.losses.smooth_recall_catalogue.catalogue_loss`.
        """
        from hashrec_fast.losses.smooth_recall_catalogue import (  # noqa: PLC0415 - torch
            RankSteps,
            catalogue_loss,
        )

        now = self.at(0.0, len(item))
        assert now.outer_start is not None
        steps = RankSteps(self.n, self.inner, self.inner_temperature, self.outer, now.outer_start)
        return catalogue_loss(user, item, indptr, indices, steps=steps, path=path, tile=tile)
