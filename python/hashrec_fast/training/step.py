# SPDX-License-Identifier: Apache-2.0
"""View of one training step, as objective terms see it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from hashrec_fast.binarizers import Binarizer, Step
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.towers.base import TowerNetwork
from hashrec_fast.training.batches import Batch

DENSE = 48  # all pairs of the distinct rows are scored where they are at most so many times more


class StepView:
    """View of a batch: its rows, real and as losses see them, and the scores of its pairs.

    Attributes
    ----------
    batch : Batch
    network : TowerNetwork
    step : Step
        Epoch and generator.
    rows : dict
        Distinct users and items of the batch, int64, ascending.
    user_places, item_places : int64 tensors of the shapes of ``batch.users``, ``batch.items``
        Where each of the batch's users and items is among the distinct ones.
    scale : RatingScale
    """

    def __init__(
        self,
        network: TowerNetwork,
        batch: Batch,
        step: Step,
        binarizer: Binarizer,
        similarity: Any,
        scale: RatingScale,
    ) -> None:
        self.network, self.batch, self.step, self.scale = network, batch, step, scale
        self._binarizer, self._similarity = binarizer, similarity
        users, self.user_places = torch.unique(batch.users, return_inverse=True)
        items, self.item_places = torch.unique(batch.items, return_inverse=True)
        self.rows = {"user": users, "item": items}

    @cached_property
    def real(self) -> dict[str, Tensor]:
        """Outputs of the tower for the distinct rows, (n_rows, n_bits)."""
        network, waits = self.network, self._waits
        return {
            side: (network.encode_waiting if waits(side) else network.encode)(side, rows)
            for side, rows in self.rows.items()
        }

    @cached_property
    def codes(self) -> dict[str, Tensor]:
        """Stand-ins of :attr:`real` that losses see, (n_rows, n_bits)."""
        return {side: self.relaxed(real) for side, real in self.real.items()}

    @cached_property
    def base(self) -> dict[str, Tensor]:
        """Free parameters behind the distinct rows."""
        return {side: self._base(side) for side in self.rows}

    @cached_property
    def scores(self) -> Tensor:
        """Scores of the batch, (n_lists, length), in the unit that losses are written for."""
        return self.scores_of(self.codes)

    def scores_of(self, rows: dict[str, Tensor]) -> Tensor:
        """Scores by vectors of the distinct rows other than the codes."""
        users, items = self.user_places, self.item_places
        n_pairs, n_items = len(users) * items.shape[-1], len(rows["item"])
        if items.ndim == 2 and len(rows["user"]) * n_items <= DENSE * n_pairs:
            every = self.scored(rows["user"], rows["item"])
            scores = every.take(users[:, None] * n_items + items)
        else:
            gathered = torch.nn.functional.embedding  # whose gradient is faster than indexing's
            scores = self.scored(gathered(users, rows["user"]), gathered(items, rows["item"]))
        return scores if self.bias is None else scores + self.bias[items]

    def scored(self, user: Tensor, item: Tensor) -> Tensor:
        """Scores of rows (n, f) with lists (n, length, f) or (length, f), in the losses' unit."""
        scores: Tensor = self._similarity.scores(user, item)
        return scores * float(self._similarity.unit(user.shape[1]))

    def relaxed(self, real: Tensor) -> Tensor:
        """Stand-ins that losses see of real outputs (n, n_bits) other than :attr:`real`."""
        return self._binarizer.relax(real, self.step)

    @cached_property
    def bias(self) -> Tensor | None:
        """Constants that the distinct items add to all their scores, or ``None``."""
        bias = self.network.item_bias(self.rows["item"])
        return bias if bias is None or self.batch.train_side != "user" else bias.detach()

    def vectors(self, rows: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Vectors of the batch's users and items, whose inner products order items as scores do.

        They are ``n_bits`` times what losses are written for, as those of codes are.
        """
        if self.bias is not None:
            raise ValueError("items with a bias cannot be ranked among the whole catalogue")
        user, item = self._similarity.vectors(rows["user"], rows["item"])
        factor = self._similarity.unit(user.shape[1]) * user.shape[1]
        user = user if factor == 1 else user * factor
        return user[self.user_places], item[self.item_places]

    def relevance(self, wanted: str) -> Tensor:
        """Relevance of the batch's pairs; see :class:`Loss`."""
        return self.batch.relevance(wanted, self.scale)

    @property
    def learning(self) -> tuple[str, ...]:
        """The sides that learn from this batch."""
        side = self.batch.train_side
        return ("user", "item") if side is None else (side,)

    def _base(self, side: str) -> Tensor:
        rows: Tensor = self.network.base(side, self.rows[side])
        return rows.detach() if self._waits(side) else rows

    def _waits(self, side: str) -> bool:
        return self.batch.train_side not in (None, side)
