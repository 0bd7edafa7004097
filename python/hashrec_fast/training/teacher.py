# SPDX-License-Identifier: Apache-2.0
"""Teacher: a float model that is trained first, from which the codes' tower learns."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.binarizers import Identity
from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.field_checks import check_fields
from hashrec_fast.losses import BPR, L2
from hashrec_fast.ranges import AnyPart, Count
from hashrec_fast.retrieval.similarities import InnerProduct
from hashrec_fast.towers.base import Tower, TowerData
from hashrec_fast.training.compatibility import check_abilities
from hashrec_fast.training.gradient import Gradient

if TYPE_CHECKING:
    from torch import Tensor

    from hashrec_fast.towers.base import TowerNetwork

USERS = 512  # whose scores are held at once


@dataclass(frozen=True, kw_only=True)
class GraphTeacher:
    """A tower trained without any signs, whose vectors and lists of best items are handed over.

    For each user and each block of the teacher's rows the items of the largest inner products are
    kept, training items among them; terms such as ``RankingDistillation`` follow them. Where
    training goes on from a checkpoint the lists come from there, and no teacher is trained again.

    Attributes
    ----------
    tower : Tower or None
        What is trained; ``None`` takes the recipe's own tower, and then the codes' tower starts
        where the teacher ended.
    objective : tuple of parts
        What the teacher minimises.
    constraints : tuple of parts
        Penalties beside the teacher's objective.
    solver : Gradient
        How the teacher is trained.
    lists : int
        Length of the lists.
    """

    tower: Tower | None = None
    objective: tuple[AnyPart, ...] = (BPR(sharpness=1.0),)
    constraints: tuple[AnyPart, ...] = (L2(weight=1e-4),)
    solver: Gradient = field(default_factory=Gradient)
    lists: Count = 100

    def __post_init__(self) -> None:
        check_fields(self)
        self.solver.check_terms(self.objective, self.constraints)

    def teach(self, user_items: sp.csr_matrix, terms: Terms, context: FitContext) -> Terms:
        """The terms of a recipe with a tower that has learnt from the trained teacher."""
        check_abilities(self.objective, self.tower or terms.tower)
        own = Terms(self.objective, self.constraints, self.tower or terms.tower, InnerProduct())
        apart = dataclasses.replace(context, rng=context.rng.spawn(1)[0], checkpoint=None)
        trained = context.checkpoint is not None and context.checkpoint.exists()
        lesson = None if trained else learn(self, user_items, own, apart)
        tower = Taught(terms.tower, own.tower, lesson, self.lists, starts=self.tower is None)
        return Terms(terms.objective, terms.constraints, tower, terms.similarity)


@dataclass(frozen=True)
class Lesson:
    """Lesson of a trained teacher: what it leaves to the tower of the codes.

    Attributes
    ----------
    state : dict
        Its parameters by name.
    lists : int32 tensor (n_users, n_blocks, n)
        Its best items by user and block.
    """

    state: dict[str, Tensor]
    lists: Tensor


class _Kept:
    """A tower that remembers the network it built."""

    def __init__(self, tower: Tower) -> None:
        self._tower = tower
        self.network: TowerNetwork | None = None

    def build(self, data: TowerData) -> TowerNetwork:
        self.network = self._tower.build(data)
        return self.network


@dataclass(frozen=True)
class Taught:
    """The tower of the codes, whose network carries ``teacher_lists``.

    Attributes
    ----------
    tower, teacher : Tower
    lesson : Lesson or None
        ``None`` where a checkpoint will fill everything in.
    n : int
        Length of the lists.
    starts : bool
        Whether the teacher's parameters are the first ones.
    """

    tower: Tower
    teacher: Tower
    lesson: Lesson | None
    n: int
    starts: bool

    def build(self, data: TowerData) -> TowerNetwork:
        """The network, with what the teacher left."""
        import torch  # noqa: PLC0415 - only where something is trained

        network = self.tower.build(data)
        if self.lesson is not None:
            if self.starts:
                network.load_state_dict(self.lesson.state)
            network.register_buffer("teacher_lists", self.lesson.lists)
            return network
        blocks = len(self.teacher.build(data).blocks)
        shape = data.n_rows("user"), blocks, min(self.n, data.n_rows("item"))
        network.register_buffer("teacher_lists", torch.zeros(shape, dtype=torch.int32))
        return network


def learn(
    teacher: GraphTeacher, user_items: sp.csr_matrix, terms: Terms, context: FitContext
) -> Lesson:
    """Lesson of a teacher that is trained here."""
    from hashrec_fast.training.loop import train  # noqa: PLC0415 - imports torch

    kept = _Kept(terms.tower)
    terms = Terms(terms.objective, terms.constraints, kept, terms.similarity)

    def finish(user: NDArray[Any], item: NDArray[Any], blocks: tuple[int, ...]) -> Solution:
        return Solution(user, item, facts={"blocks": list(blocks)})

    def report(row: dict[str, Any]) -> None:
        context.report({"stage": "teacher"} | row)

    apart = dataclasses.replace(context, binarizer=Identity(), finish=finish, report=report)
    fitted = train(teacher.solver, user_items, terms, apart)
    assert kept.network is not None
    state = {
        name: value.detach().cpu().clone() for name, value in kept.network.state_dict().items()
    }
    return Lesson(
        state, best_items(fitted.user, fitted.item, fitted.facts["blocks"], teacher.lists)
    )


def best_items(
    user: NDArray[np.float32], item: NDArray[np.float32], blocks: list[int], n: int
) -> Tensor:
    """Items of the largest inner products by each block, best first, int32 (users, blocks, n)."""
    import torch  # noqa: PLC0415 - only where something is trained

    n = min(n, len(item))
    lists = torch.empty((len(user), len(blocks), n), dtype=torch.int32)
    items = torch.from_numpy(item).split_with_sizes(blocks, dim=1)
    for block, users in enumerate(torch.from_numpy(user).split_with_sizes(blocks, dim=1)):
        for start in range(0, len(users), USERS):
            part = slice(start, start + USERS)
            lists[part, block] = (users[part] @ items[block].T).topk(n).indices.int()
    return lists
