# SPDX-License-Identifier: Apache-2.0
"""Rankings of short candidate lists: a user's own test items, with or without sampled negatives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.evaluation.interactions import row_of_entry, rows_of
from hashrec_fast.evaluation.sampling import sample_unlisted
from hashrec_fast.evaluation.scorers import Scorer
from hashrec_fast.kernels.lists import RowLists

Ints = NDArray[np.int64]
_SCORES_AT_ONCE = 2**22


def rank_own(
    scorer: Scorer, users: Ints, targets: RowLists, priority: NDArray[np.int32] | None
) -> tuple[Ints, Ints, Ints]:
    """Rank each user's targets among themselves: ``(better, tied, n_candidates)``."""
    rows = row_of_entry(targets)
    scores = _checked(scorer.score_pairs(users, rows, targets[1]))
    better, tied = _count_own(rows, scores, _priority_of(priority, targets[1]))
    return better, tied, np.diff(targets[0])


def rank_sampled(
    scorer: Scorer,
    users: Ints,
    targets: RowLists,
    listed: RowLists,
    n_negatives: int,
    n_items: int,
    priority: NDArray[np.int32] | None,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints]:
    """Rank each user's targets among themselves and sampled negatives.

    ``listed`` holds every item that must not be drawn: seen, masked and target items.
    """
    better, tied, n_candidates = rank_own(scorer, users, targets, priority)
    # A row costs its negatives once to score, and once for each target to compare with.
    cost = np.cumsum((1 + np.diff(targets[0])) * n_negatives)
    begin = 0
    while begin < len(users):
        spent = cost[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(cost, spent + _SCORES_AT_ONCE, side="right")))
        rows, items = sample_unlisted(rows_of(listed, begin, end), n_items, n_negatives, rng)
        scores = _checked(scorer.score_pairs(users[begin:end], rows, items))
        counts = np.bincount(rows, minlength=end - begin)
        n_candidates[begin:end] += counts
        # One padded row of negatives for each user; a comparison with NaN is never true.
        column = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        negatives = np.full((end - begin, n_negatives), np.nan)
        negatives[rows, column] = scores
        levels = np.zeros((end - begin, n_negatives), np.int32)
        levels[rows, column] = _priority_of(priority, items)
        part = rows_of(targets, begin, end)
        own_rows = row_of_entry(part)
        own = scorer.score_pairs(users[begin:end], own_rows, part[1])[:, None]
        own_level = _priority_of(priority, part[1])[:, None]
        equal = negatives[own_rows] == own
        above = negatives[own_rows] > own
        if priority is not None:
            above |= equal & (levels[own_rows] > own_level)
            equal &= levels[own_rows] == own_level
        entries = slice(targets[0][begin], targets[0][end])
        better[entries] += above.sum(axis=1)
        tied[entries] += equal.sum(axis=1)
        begin = end
    return better, tied, n_candidates


def _count_own(rows: Ints, scores: NDArray[Any], level: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Count better and tied targets of the same row, by one sort."""
    order = np.lexsort((-level.astype(np.int64), -scores, rows))
    columns = [rows[order], scores[order], level[order]]
    new_row = np.append(True, np.diff(columns[0]) != 0)
    new_group = np.logical_or.reduce([np.append(True, c[1:] != c[:-1]) for c in columns])
    group = np.cumsum(new_group) - 1
    group_start = np.flatnonzero(new_group)
    row_start = np.flatnonzero(new_row)[np.cumsum(new_row) - 1]
    better, tied = np.empty_like(rows), np.empty_like(rows)
    better[order] = group_start[group] - row_start
    tied[order] = np.diff(np.append(group_start, len(rows)))[group] - 1
    return better, tied


def _priority_of(priority: NDArray[np.int32] | None, items: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.zeros(len(items), np.int32) if priority is None else priority[items]


def _checked(scores: NDArray[Any]) -> NDArray[Any]:
    if scores.dtype.kind == "f" and np.isnan(scores).any():
        raise ValueError(f"scores hold {np.isnan(scores).sum()} NaN")
    return scores
