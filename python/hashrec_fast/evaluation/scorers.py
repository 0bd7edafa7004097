# SPDX-License-Identifier: Apache-2.0
"""Scorers: one face for codes, factors, item scores and models with ``score(users)``."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.evaluation.interactions import rows_of
from hashrec_fast.kernels.lists import RowLists
from hashrec_fast.kernels.ranks import RankCounts, rank_counts_codes, rank_counts_scores
from hashrec_fast.types import HasScores

Ints = NDArray[np.int64]
BLOCK_BYTES = 32 * 2**20
"""Size of a block of float32 scores: large enough for a fast product, small beside any memory."""
_PAIRS_AT_ONCE = 2**17


class Scorer(Protocol):
    """Scores of users for items; higher is better."""

    def rank_all(
        self,
        users: Ints,
        seen: RowLists,
        targets: RowLists,
        priority: NDArray[np.int32] | None,
        num_threads: int,
    ) -> RankCounts:
        """Rank the targets among all unseen items; row ``b`` of both lists is ``users[b]``."""
        ...

    def score_pairs(self, users: Ints, rows: Ints, items: NDArray[np.int32]) -> NDArray[Any]:
        """Score ``(users[rows[p]], items[p])`` for all ``p``; ``rows`` ascends."""
        ...


class CodeScorer:
    """Scores of packed codes: minus the Hamming distance."""

    def __init__(self, user_codes: NDArray[np.uint64], item_codes: NDArray[np.uint64]) -> None:
        self.user_codes, self.item_codes = user_codes, np.ascontiguousarray(item_codes)

    def rank_all(
        self,
        users: Ints,
        seen: RowLists,
        targets: RowLists,
        priority: NDArray[np.int32] | None,
        num_threads: int,
    ) -> RankCounts:
        """Count over histograms of distances."""
        return rank_counts_codes(
            self.user_codes[users],
            self.item_codes,
            seen,
            targets,
            item_priority=priority,
            num_threads=num_threads,
        )

    def score_pairs(self, users: Ints, rows: Ints, items: NDArray[np.int32]) -> NDArray[np.int32]:
        """Score pairs a slice at a time."""
        scores = np.empty(len(rows), np.int32)
        for start in range(0, len(rows), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            differing = self.user_codes[users[rows[part]]] ^ self.item_codes[items[part]]
            scores[part] = -np.bitwise_count(differing).sum(axis=1, dtype=np.int32)
        return scores


class BlockScorer:
    """Base of scorers that give dense float32 rows, a block of users at a time."""

    def __init__(self, n_items: int, batch_size: int | None) -> None:
        self.n_items = n_items
        self.batch_size = batch_size or max(1, BLOCK_BYTES // (4 * max(1, n_items)))

    def block(self, users: Ints) -> NDArray[np.float32]:
        """Return scores of shape (len(users), n_items), C-contiguous."""
        raise NotImplementedError

    def rank_all(
        self,
        users: Ints,
        seen: RowLists,
        targets: RowLists,
        priority: NDArray[np.int32] | None,
        num_threads: int,
    ) -> RankCounts:
        """Count block by block; no more than one block of scores exists at a time."""
        parts = []
        for begin in range(0, len(users), self.batch_size):
            end = min(begin + self.batch_size, len(users))
            counts = rank_counts_scores(
                self.block(users[begin:end]),
                rows_of(seen, begin, end),
                rows_of(targets, begin, end),
                item_priority=priority,
                num_threads=num_threads,
            )
            parts.append(counts)
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def score_pairs(self, users: Ints, rows: Ints, items: NDArray[np.int32]) -> NDArray[np.float32]:
        """Look the pairs up in blocks."""
        scores = np.empty(len(rows), np.float32)
        for begin in range(0, len(users), self.batch_size):
            first, last = np.searchsorted(rows, [begin, begin + self.batch_size])
            block = self.block(users[begin : begin + self.batch_size])
            scores[first:last] = block[rows[first:last] - begin, items[first:last]]
        return scores


class FactorScorer(BlockScorer):
    """Inner products of real vectors, in float32."""

    def __init__(
        self, user_factors: NDArray[Any], item_factors: NDArray[Any], batch_size: int | None
    ) -> None:
        super().__init__(len(item_factors), batch_size)
        self.user_factors = np.asarray(user_factors, np.float32)
        self.item_factors = np.asarray(item_factors, np.float32)
        self._scores = np.empty((0, self.n_items), np.float32)

    def block(self, users: Ints) -> NDArray[np.float32]:
        """Multiply into a buffer that the next call overwrites."""
        if len(self._scores) < len(users):
            self._scores = np.empty((len(users), self.n_items), np.float32)
        return np.matmul(
            self.user_factors[users], self.item_factors.T, out=self._scores[: len(users)]
        )

    def score_pairs(self, users: Ints, rows: Ints, items: NDArray[np.int32]) -> NDArray[np.float32]:
        """Multiply pair by pair, a slice at a time."""
        scores = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            left, right = self.user_factors[users[rows[part]]], self.item_factors[items[part]]
            scores[part] = np.einsum("pf,pf->p", left, right)
        return scores


class ItemScorer(BlockScorer):
    """The same score of an item for every user, such as its popularity."""

    def __init__(self, item_scores: NDArray[Any], batch_size: int | None) -> None:
        super().__init__(len(item_scores), batch_size)
        self.item_scores = np.asarray(item_scores, np.float32)

    def block(self, users: Ints) -> NDArray[np.float32]:
        """Repeat the scores."""
        return np.tile(self.item_scores, (len(users), 1))

    def score_pairs(self, users: Ints, rows: Ints, items: NDArray[np.int32]) -> NDArray[np.float32]:  # noqa: ARG002
        """Look the items up."""
        return self.item_scores[items]


class ModelScorer(BlockScorer):
    """Scores from ``model.score(user_ids)``."""

    def __init__(self, model: HasScores, n_items: int, batch_size: int | None) -> None:
        super().__init__(n_items, batch_size)
        self.model = model

    def block(self, users: Ints) -> NDArray[np.float32]:
        """Ask the model and check the shape of its answer."""
        scores = np.asarray(self.model.score(users))
        if scores.shape != (len(users), self.n_items) or scores.dtype.kind not in "fiu":
            raise ValueError(
                f"model.score(user_ids) must return real scores of shape "
                f"({len(users)}, {self.n_items}), got {scores.dtype} {scores.shape}"
            )
        return np.ascontiguousarray(scores, np.float32)
