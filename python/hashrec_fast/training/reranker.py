# SPDX-License-Identifier: Apache-2.0
"""The second stage of a cascade: a float model trained to order what the codes find (CIGAR)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.evaluation.metric_names import parse_metric
from hashrec_fast.field_checks import check_fields
from hashrec_fast.losses import BPR, L2
from hashrec_fast.ranges import Count, Metric, Positive, Share, Weight, ZeroOrMore
from hashrec_fast.retrieval import LinearScan, rerank
from hashrec_fast.retrieval.similarities import InnerProduct
from hashrec_fast.towers.embedding import Embedding
from hashrec_fast.training.cascade import CascadeScores
from hashrec_fast.training.gradient import Gradient
from hashrec_fast.training.samplers import LISTS, Pairs, Sampler
from hashrec_fast.training.strategies import FloatFactors

if TYPE_CHECKING:
    from hashrec_fast.training.batches import Batch

Ranked = tuple[NDArray[np.float32], NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class FloatReranker:
    """Matrix factorisation by BPR, whose negatives are partly candidates (CIGAR, section 4).

    Its rows are kept with the model as ``rerank_user`` and ``rerank_item``; the codes choose the
    candidates, their inner products the order.

    Attributes
    ----------
    candidates : int
        Items of each user that the codes choose, outside the training items.
    hard : float
        Share of the negatives that are drawn from a user's candidates; the others are drawn from
        all unobserved items.
    n_factors : int
        Number of factors.
    weight : float
        Weight of the L2 penalty.
    epochs : int
        Most passes over the training pairs.
    learning_rate : float
        Step length of Adam.
    batch_size : int
        Pairs of a batch.
    evaluate_every : int
        Epochs between looks at the validation pairs, ranked by both stages.
    patience : int
        Looks without gain after which training ends; 0 never ends early.
    metric : str
        What the best epoch is chosen by, a metric of :func:`hashrec_fast.evaluate`.
    """

    candidates: Count = 200
    hard: Share = 0.5
    n_factors: Count = 50
    weight: Weight = 1e-3
    epochs: Count = 100
    learning_rate: Positive = 5e-3
    batch_size: Count = 10000
    evaluate_every: Count = 5
    patience: ZeroOrMore = 10
    metric: Metric = "recall@50"

    def __post_init__(self) -> None:
        check_fields(self)
        parse_metric(self.metric)

    def train(
        self, user_items: sp.csr_matrix, fitted: Solution, terms: Terms, context: FitContext
    ) -> None:
        """Fit factors beside the codes and put them into ``fitted.arrays``."""
        index = LinearScan(n_bits=context.n_bits, num_threads=context.num_threads)
        index.add(fitted.item)
        pool = self._candidates(index, fitted, terms, user_items)
        solver = Gradient(
            sampler=CandidatePairs(pool=pool, hard=self.hard, batch_size=self.batch_size),
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            evaluate_every=self.evaluate_every,
            patience=self.patience,
            metric=self.metric,
        )
        own = Terms(
            (BPR(sharpness=1.0),),
            (L2(weight=self.weight),),
            Embedding(),
            Reranked(pool=pool, codes=fitted, first=terms.similarity, n_bits=context.n_bits),
        )
        context = dataclasses.replace(
            context, n_bits=self.n_factors, checkpoint=None, report=_staged(context.report)
        )
        found = FloatFactors(solver=solver).fit(user_items, own, None, context)
        fitted.arrays |= {"rerank_user": found.user, "rerank_item": found.item}
        facts = {key: value for key, value in found.facts.items() if key.startswith("best_")}
        fitted.facts |= {f"reranker_{key}": value for key, value in facts.items()}
        fitted.history += [{"stage": "reranker", **row} for row in found.history]

    def search(
        self,
        similarity: Any,
        index: Any,
        k: int,
        fitted: Solution,
        rows: NDArray[np.int64],
        **filters: Any,
    ) -> Ranked:
        """Scores and ids of the ``k`` best items; what is no candidate comes behind, by code.

        Scores behind the candidates are the worst candidate's less what the codes lack.
        """
        wanted = max(k, self.candidates)
        by_code, ids = similarity.search(index, fitted.user[rows], wanted, fitted, rows, **filters)
        user, item = fitted.arrays["rerank_user"], fitted.arrays["rerank_item"]
        first = np.ascontiguousarray(ids[:, : self.candidates])
        width = min(k, self.candidates)
        scores, best = rerank(user[rows], item, first, width)
        if k <= self.candidates:
            return scores, best
        rest = slice(self.candidates, k)
        lacks = by_code[:, rest] - by_code[:, self.candidates - 1 : self.candidates]
        there = ids[:, rest] >= 0
        behind = np.where(there, scores[:, -1:] + np.minimum(lacks, 0), np.float32(-np.inf))
        return np.hstack([scores, behind]), np.hstack([best, ids[:, rest]])

    def ranking(self, similarity: Any, fitted: Solution, user_items: Any, n_bits: int) -> Any:
        """Scores of all items for evaluation; see :class:`CascadeScores`."""
        index = LinearScan(n_bits=n_bits)
        index.add(fitted.item)
        pool = self._candidates(index, fitted, Terms((), (), None, similarity), user_items)
        rows = fitted.arrays["rerank_user"], fitted.arrays["rerank_item"]
        return CascadeScores(fitted, similarity, n_bits, pool, *rows)

    def _candidates(
        self, index: Any, fitted: Solution, terms: Terms, user_items: sp.csr_matrix
    ) -> NDArray[np.int64]:
        """The users' nearest items outside ``user_items``, int64 (n_users, n), -1 where none."""
        n, everyone = min(self.candidates, len(fitted.item)), np.arange(len(fitted.user))
        search = terms.similarity.search
        ids: NDArray[np.int64] = search(
            index, fitted.user, n, fitted, everyone, exclude=user_items
        )[1]
        return ids


@dataclass(frozen=True, kw_only=True, eq=False)
class CandidatePairs(Sampler):
    """Triples whose negatives are, with the chance ``hard``, candidates of the user.

    Attributes
    ----------
    pool : int64 (n_users, n)
        Unobserved items of each user, -1 behind them.
    hard : float
    batch_size : int
    """

    serves: ClassVar[frozenset[str]] = LISTS
    pool: NDArray[np.int64]
    hard: float
    batch_size: int

    def batches(self, user_items: sp.csr_matrix, rng: np.random.Generator) -> Iterator[Batch]:
        """Batches as of :class:`Pairs`, users drawn uniformly."""
        import torch  # noqa: PLC0415 - torch

        counts = (self.pool >= 0).sum(1)
        pairs = Pairs(batch_size=self.batch_size, weight="user")
        for batch in pairs.batches(user_items, rng):
            users, items = batch.users.numpy(), batch.items.numpy().copy()
            chosen = np.flatnonzero((rng.random(len(users)) < self.hard) & (counts[users] > 0))
            owners = users[chosen]
            items[chosen, 1] = self.pool[owners, rng.integers(0, counts[owners])]
            yield dataclasses.replace(batch, items=torch.from_numpy(items))


@dataclass(frozen=True, kw_only=True, eq=False)
class Reranked(InnerProduct):
    """Inner products in training; validation sees the candidates before the rest."""

    pool: NDArray[np.int64]
    codes: Solution
    first: Any
    n_bits: int

    def factors(self, fitted: Any, n_bits: int) -> Any:
        """Factors by which :func:`hashrec_fast.evaluate` ranks."""
        del n_bits
        rows = fitted.user, fitted.item
        return CascadeScores(self.codes, self.first, self.n_bits, self.pool, *rows)


def _staged(report: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    return lambda row: report({"stage": "reranker", **row})
