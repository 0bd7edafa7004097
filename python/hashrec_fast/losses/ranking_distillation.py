# SPDX-License-Identifier: Apache-2.0
"""The teacher's best items of each layer as soft positives of the codes (BiGeaR, KDD 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.info_nce import some_rows
from hashrec_fast.ranges import Main, NonNegative, Positive, Weight, ZeroOrMore

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class RankingDistillation(Loss):
    """Distillation ``exp(-decay r) softplus(-sharpness s_l(u, t_l[r]))`` at places r = 1, 2, ...

    The list ``t_l`` holds the items that the teacher scores best for the user by block l of its
    vectors alone; ``s_l`` is the score of the codes by that block. The mean over places, users
    and blocks is taken: the paper adds blocks up, its code takes their mean. Only meant for recipes
    with a teacher that leaves such lists.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    decay : float
        How fast the weight of a place falls along the list.
    sharpness : float
        Factor of the scores.
    users : int
        Most users whose lists are looked at in a step, drawn anew each time; 0 takes all of the
        batch.
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    needs_teacher: ClassVar[bool] = True
    weight: Main[Weight] = 1.0
    decay: NonNegative = 0.1
    sharpness: Positive = 1.0
    users: ZeroOrMore = 1024

    def cost(self, view: Any) -> Tensor:
        """The formula of the class for the distinct users of a batch."""
        import torch  # noqa: PLC0415 - import time

        own = some_rows(view.rows["user"], self.users, view.step.generator)
        lists = view.network.teacher_lists[view.rows["user"][own]].long()  # (users, blocks, places)
        if lists.shape[1] != len(view.network.blocks):
            raise ValueError(
                f"the teacher's rows have {lists.shape[1]} blocks and those of the codes "
                f"{len(view.network.blocks)}; give towers of as many layers side by side"
            )
        wanted, places = torch.unique(lists, return_inverse=True)
        items = view.relaxed(view.network.encode("item", wanted))
        widths = view.network.blocks
        factors = torch.exp(-self.decay * torch.arange(1, lists.shape[2] + 1, device=items.device))
        total: Any = 0.0
        users = view.codes["user"].index_select(0, own)
        parts = zip(users.split(widths, 1), items.split(widths, 1), strict=True)
        for block, (user, theirs) in enumerate(parts):
            # an embedding's gradient is added row by row, far quicker than that of indexing
            listed = torch.nn.functional.embedding(places[:, block], theirs)
            scores = view.scored(user, listed) * self.sharpness
            total = total + (factors * torch.nn.functional.softplus(-scores)).mean()
        value: Tensor = self.weight * total / len(widths)
        return value
