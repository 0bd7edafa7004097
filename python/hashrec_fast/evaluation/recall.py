# SPDX-License-Identifier: Apache-2.0
"""Recall at a cutoff."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties, cutoff_of


def expected_hits(table: RankTable, k: int) -> Floats:
    """Count the targets expected among the first ``k`` places, shape (n_users,).

    A target below ``G`` candidates and tied with ``T`` others is among the first ``k`` with
    probability ``clip((k - G) / (T + 1), 0, 1)``.
    """
    return table.sum_by_user(table.mean_over_ties(np.arange(cutoff_of(table, k) + 1.0)))


def recall(table: RankTable, k: int, ties: Ties = "expected") -> Floats:
    """Share of a user's held-out items that stand among the first ``k``.

    ``Recall@k = (1 / |P|) sum_{i in P} I(r_i <= k)``, with ``|P|`` not capped at ``k``.

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items.
    k : int
        Length of the recommended list, at least 1.
    ties : {"expected", "first", "last"}
        Order of tied items; the expectation is exact because it is linear in the targets.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1].

    References
    ----------
    Survey of learning to hash for recommendation, Eqs. (52)-(53).
    Deviation: Eq. (52) gives all tied items the best rank of their group; here each takes its own.

    Examples
    --------
    >>> table = RankTable.from_counts([0, 0], better=[0, 4], tied=[1, 0], n_candidates=[9])
    >>> recall(table, 1)
    array([0.25])
    """
    table = table.resolve(ties)
    return expected_hits(table, k) / table.n_targets
