# SPDX-License-Identifier: Apache-2.0
"""Numpy twins of :mod:`hashrec_fast.kernels.ranks`: one user at a time, every item compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RowLists = tuple[NDArray[np.int64], NDArray[np.int32]]
RankCounts = tuple[NDArray[np.int32], NDArray[np.int32]]


def rank_counts_codes(
    user_codes: NDArray[np.uint64],
    item_codes: NDArray[np.uint64],
    seen: RowLists,
    targets: RowLists,
    item_priority: NDArray[np.int32] | None = None,
) -> RankCounts:
    """Twin of :func:`hashrec_fast.kernels.ranks.rank_counts_codes`."""
    distances = np.bitwise_count(user_codes[:, None, :] ^ item_codes[None, :, :])
    return rank_counts_scores(-distances.sum(2, dtype=np.int64), seen, targets, item_priority)


def rank_counts_scores(
    scores: NDArray[np.float32] | NDArray[np.int64],
    seen: RowLists,
    targets: RowLists,
    item_priority: NDArray[np.int32] | None = None,
) -> RankCounts:
    """Twin of :func:`hashrec_fast.kernels.ranks.rank_counts_scores`."""
    n_items = scores.shape[1]
    priority = np.zeros(n_items, np.int32) if item_priority is None else item_priority
    better, tied = [], []
    for row, values in enumerate(scores):
        candidate = np.ones(n_items, bool)
        candidate[seen[1][seen[0][row] : seen[0][row + 1]]] = False
        for item in targets[1][targets[0][row] : targets[0][row + 1]]:
            level = candidate & (values == values[item])
            above = (candidate & (values > values[item])) | (level & (priority > priority[item]))
            better.append(above.sum())
            tied.append((level & (priority == priority[item])).sum() - 1)
    return np.array(better, np.int32), np.array(tied, np.int32)
