# SPDX-License-Identifier: Apache-2.0
"""Ranking of all items by a cascade of codes and floats, for evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.contracts import Solution
from hashrec_fast.kernels.packing import unpack


class CascadeScores:
    """Scores of all items: each user's candidates first by their floats, the rest by the codes.

    The candidates are what the codes find without the training items. Only the order of the scores
    means anything; equal floats, and equal codes outside the candidates, stay equal. Which of
    equally near items are candidates is for the index to say, as in ``recommend``: the lowest ids.

    Parameters
    ----------
    fitted : Solution
        The codes.
    similarity : Similarity
        How codes are compared.
    n_bits : int
    pool : int64 (n_users, n)
        Candidates, -1 behind them.
    user, item : float32 (n_rows, n_factors)
    """

    def __init__(
        self,
        fitted: Solution,
        similarity: Any,
        n_bits: int,
        pool: NDArray[np.int64],
        user: NDArray[np.float32],
        item: NDArray[np.float32],
    ) -> None:
        rows = similarity.factors(fitted, n_bits)
        if rows is None:
            rows = tuple(unpack(x, n_bits).astype(np.float32) for x in (fitted.user, fitted.item))
        self._codes, self._pool, self._user, self._item = rows, pool, user, item

    def score(self, user_ids: Any) -> NDArray[np.float32]:
        """Scores of all items for some users, float32 (n, n_items)."""
        users = np.asarray(user_ids)
        scores = np.asarray(self._codes[0][users] @ self._codes[1].T, dtype=np.float32)
        top = scores.max(axis=1) + 1
        for r, user in enumerate(users):
            ids = self._pool[user]
            ids = ids[ids >= 0]
            floats = self._item[ids] @ self._user[user]
            scores[r, ids] = top[r] + np.unique(floats, return_inverse=True)[1]
        return scores
