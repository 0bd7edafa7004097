# SPDX-License-Identifier: Apache-2.0
"""A generator of lists against a discriminator (ABinCF, AAAI 2019, after IRGAN)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.bpr import BPR
from hashrec_fast.ranges import Main, Positive, Share, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class AdversarialRanking(Loss):
    """Codes choose items that a real factorisation takes for observed ones.

    In a list of one observed item and a pool of unobserved ones the codes choose by
    ``p = softmax(sharpness s)``. The judge's score f learns ``softplus(-f)`` of the observed item
    plus the mean of ``softplus(f)`` under p; the codes learn minus the mean of the reward
    ``softplus(f)`` under p. Means over p are taken exactly, so that no policy gradient is needed.
    Either learns with the other held. Needs the tower ``JudgedEmbedding``.

    Attributes
    ----------
    pretrain : float
        Share of the epochs in which both learn by BPR instead.
    sharpness : float
        Factor of the codes' scores.
    weight : float
        Weight of the codes' part.
    reg : float
        Weight of half the mean squared length of the judge's rows.
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    asks: ClassVar[frozenset[str]] = frozenset({"a judge"})
    batches: ClassVar[frozenset[str]] = frozenset({"pairwise"})
    pretrain: Share = 0.2
    sharpness: Main[Positive] = 10.0
    weight: Main[Weight] = 1.0
    reg: Weight = 1e-3

    def __post_init__(self) -> None:
        if not 0 <= self.pretrain <= 1:
            raise ValueError(f"pretrain must be from 0 to 1, got {self.pretrain}")

    def cost(self, view: Any) -> Tensor:
        """Sum of the objectives of codes and judge; see the class."""
        judge = {side: view.network.judged(side, rows) for side, rows in view.rows.items()}
        users, items = judge["user"][view.user_places], judge["item"][view.item_places]
        verdicts = (items @ users[:, :, None])[:, :, 0]
        lengths: Any = sum(rows.square().sum(1).mean() for rows in judge.values())
        cost: Tensor = self.reg * lengths / 2
        mask = view.batch.mask
        if view.step.epoch < self.pretrain * view.step.epochs:
            for sharpness, scores in ((self.sharpness, view.scores), (1.0, verdicts)):
                cost = cost + BPR(sharpness=sharpness).value(scores, scores, mask).mean()
            return cost
        chosen = (self.sharpness * view.scores).softmax(dim=1)
        zero = verdicts.new_zeros(())
        rewards = zero.logaddexp(verdicts)  # softplus without importing torch
        against = zero.logaddexp(-verdicts[:, 0]) + (chosen.detach() * rewards).sum(1)
        gained = (chosen * rewards.detach()).sum(1)
        total: Tensor = cost + against.mean() - self.weight * gained.mean()
        return total
