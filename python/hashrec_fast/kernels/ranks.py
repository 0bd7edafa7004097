# SPDX-License-Identifier: Apache-2.0
"""Rank counts: how many candidates stand above, and level with, each held-out item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.kernels.lists import RowLists

RankCounts = tuple[NDArray[np.int32], NDArray[np.int32]]
"""``(better, tied)``, one entry per target in the order of its ``indices``."""


def rank_counts_codes(
    user_codes: NDArray[np.uint64],
    item_codes: NDArray[np.uint64],
    seen: RowLists,
    targets: RowLists,
    *,
    item_priority: NDArray[np.int32] | None = None,
    num_threads: int = 0,
) -> RankCounts:
    """Rank target items by Hamming distance among all items that a user has not seen.

    Parameters
    ----------
    user_codes : ndarray of uint64, shape (n_users, n_words)
        Packed codes, padding bits zero.
    item_codes : ndarray of uint64, shape (n_items, n_words)
        Packed codes of the same length.
    seen : pair of ndarray (int64 (n_users + 1,), int32 (n_seen,))
        Items that are no candidates of the user.
    targets : pair of ndarray (int64 (n_users + 1,), int32 (n_targets,))
        Held-out items; users without any cost nothing.
    item_priority : ndarray of int32, shape (n_items,), optional
        Among equal distances the higher priority is better; only equal priorities stay tied.
    num_threads : int
        Threads to use, 0 = all.

    Returns
    -------
    better : ndarray of int32, shape (n_targets,)
        Candidates at a strictly smaller distance.
    tied : ndarray of int32, shape (n_targets,)
        Other candidates at the same distance.

    Raises
    ------
    ValueError
        If an array has the wrong dtype, shape or memory order, an id is out of range, a row does
        not ascend strictly, or a target is also seen.

    Examples
    --------
    >>> users, items = np.array([[0]], np.uint64), np.array([[0], [1], [2], [3]], np.uint64)
    >>> seen = np.array([0, 1]), np.array([0], np.int32)
    >>> targets = np.array([0, 2]), np.array([1, 3], np.int32)
    >>> rank_counts_codes(users, items, seen, targets)
    (array([0, 2], dtype=int32), array([1, 0], dtype=int32))
    """
    better, tied = _core.rank_counts_codes(
        user_codes, item_codes, *seen, *targets, item_priority, num_threads
    )
    return better, tied


def rank_counts_scores(
    scores: NDArray[np.float32],
    seen: RowLists,
    targets: RowLists,
    *,
    item_priority: NDArray[np.int32] | None = None,
    num_threads: int = 0,
) -> RankCounts:
    """Rank target items by real scores, higher is better, for a block of users.

    Scores are compared exactly: two items are tied when their float32 values are equal. Infinite
    scores are allowed.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_users, n_items)
        One row for each user of the block.
    seen, targets, item_priority, num_threads
        As in :func:`rank_counts_codes`; row ``b`` belongs to row ``b`` of ``scores``.

    Returns
    -------
    better, tied : ndarray of int32, shape (n_targets,)
        As in :func:`rank_counts_codes`.

    Raises
    ------
    ValueError
        As :func:`rank_counts_codes`, and if the row of a user with targets holds NaN.

    Examples
    --------
    >>> scores = np.array([[0.5, 2.0, 0.5, -1.0]], np.float32)
    >>> nothing = np.array([0, 0]), np.array([], np.int32)
    >>> rank_counts_scores(scores, nothing, (np.array([0, 1]), np.array([2], np.int32)))
    (array([1], dtype=int32), array([1], dtype=int32))
    """
    better, tied = _core.rank_counts_scores(scores, *seen, *targets, item_priority, num_threads)
    return better, tied
