# SPDX-License-Identifier: Apache-2.0
"""What passes from a trained teacher to the tower of the codes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.binarizers import Identity
from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.towers.base import TowerData
from hashrec_fast.towers.networks.base import TowerNetwork
from hashrec_fast.training.loop import train

if TYPE_CHECKING:
    from hashrec_fast.training.teacher import GraphTeacher

USERS = 512  # whose scores are held at once


@dataclass(frozen=True)
class Lesson:
    """A teacher's parameters, and its best items by user and block, int32 (users, blocks, n)."""

    state: dict[str, Tensor]
    lists: Tensor


class _Kept:
    """A tower that remembers the network it built."""

    def __init__(self, tower: Any) -> None:
        self._tower = tower
        self.network: TowerNetwork | None = None

    def build(self, data: TowerData) -> TowerNetwork:
        self.network = self._tower.build(data)
        assert self.network is not None
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

    tower: Any
    teacher: Any
    lesson: Lesson | None
    n: int
    starts: bool

    def build(self, data: TowerData) -> TowerNetwork:
        """The network, with what the teacher left."""
        network: TowerNetwork = self.tower.build(data)
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
    """Train the teacher and make its lists."""
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
    n = min(n, len(item))
    lists = torch.empty((len(user), len(blocks), n), dtype=torch.int32)
    items = torch.from_numpy(item).split_with_sizes(blocks, dim=1)
    for block, users in enumerate(torch.from_numpy(user).split_with_sizes(blocks, dim=1)):
        for start in range(0, len(users), USERS):
            part = slice(start, start + USERS)
            lists[part, block] = (users[part] @ items[block].T).topk(n).indices.int()
    return lists
