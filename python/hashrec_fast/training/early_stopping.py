# SPDX-License-Identifier: Apache-2.0
"""Early stop: what is exported, measured on validation pairs now and then."""

from __future__ import annotations

import math
from typing import Any, Literal

import scipy.sparse as sp
from torch import Tensor

from hashrec_fast.contracts import FitContext, Solution
from hashrec_fast.evaluation.evaluate import evaluate
from hashrec_fast.towers.base import TowerNetwork


class EarlyStopping:
    """EarlyStopping over a metric of validation, which remembers the best epoch and its parameters.

    Parameters
    ----------
    user_items : csr_matrix
        The training pairs, hidden from the ranking.
    similarity : Similarity
        How exported rows are ranked.
    context : FitContext
        Its ``validation`` is what is looked at; without it nothing ever is.
    epochs, evaluate_every, patience, metric, candidates
        As those of :class:`hashrec_fast.training.Gradient`.
    """

    def __init__(
        self,
        user_items: sp.csr_matrix,
        similarity: Any,
        context: FitContext,
        *,
        epochs: int,
        evaluate_every: int,
        patience: int,
        metric: str,
        candidates: Literal["all", "test"],
    ) -> None:
        self._train, self._similarity, self._context = user_items, similarity, context
        self._epochs, self._evaluate_every, self._patience = epochs, evaluate_every, patience
        self._metric, self._candidates = metric, candidates
        self.best, self.best_epoch, self.misses = -math.inf, -1, 0
        self.state: dict[str, Tensor] = {}

    @property
    def is_over(self) -> bool:
        """Whether there was no gain for too long."""
        return 0 < self._patience <= self.misses

    def is_due(self, epoch: int) -> bool:
        """Whether this epoch ends with a look."""
        last = epoch + 1 == self._epochs
        due = last or (epoch + 1) % self._evaluate_every == 0
        return self._context.validation is not None and due

    def look(self, epoch: int, exported: Solution, network: TowerNetwork) -> dict[str, float]:
        """Measure what is exported; keep the parameters if it is the best so far."""
        value = self._measure(exported)
        if value > self.best:
            self.best, self.best_epoch, self.misses = value, epoch, 0
            self.state = {k: v.detach().cpu().clone() for k, v in network.state_dict().items()}
        else:
            self.misses += 1
        return {f"validation_{self._metric}": value}

    def restore_best(self, network: TowerNetwork) -> None:
        """Put the best parameters back."""
        if self.state:
            network.load_state_dict(self.state)

    def facts(self) -> dict[str, Any]:
        """The best epoch and its metric."""
        if self.best_epoch < 0:
            return {}
        return {"best_epoch": self.best_epoch, "best_" + self._metric: self.best}

    def _measure(self, exported: Solution) -> float:
        rows = self._similarity.factors(exported, self._context.n_bits)
        if rows is None:
            rows = exported.user, exported.item
        found = evaluate(
            rows,
            self._train,
            self._context.validation,
            (self._metric,),
            candidates=self._candidates,
            num_threads=self._context.num_threads,
        )
        return float(found[self._metric])
