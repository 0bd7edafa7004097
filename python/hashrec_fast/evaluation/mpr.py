# SPDX-License-Identifier: Apache-2.0
"""Mean percentile rank."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties


def percentile_rank(table: RankTable, ties: Ties = "expected") -> Floats:
    """Mean position of a user's held-out items, 0 = top of the ranking, 1 = bottom; low is good.

    ``MPR = (1 / |P|) sum_{i in P} (r_i - 1) / (n - 1)`` for ``n`` candidates. A random ranking
    has 0.5.

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items.
    ties : {"expected", "first", "last"}
        Order of tied items; a tied candidate counts 1/2 in the exact expectation.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1]; NaN for a user with one candidate only.

    References
    ----------
    Y. Hu, Y. Koren, C. Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
    2008, Eq. (8). Deviation: averaged over users first, and without weights, so that it is
    reported like every other metric here. The survey does not list it.

    Examples
    --------
    >>> table = RankTable.from_counts([0], better=[1], tied=[2], n_candidates=[5])
    >>> percentile_rank(table)
    array([0.5])
    """
    table = table.resolve(ties)
    mean_place = table.sum_by_user(table.better + table.tied / 2.0) / table.n_targets
    others = table.n_candidates - 1
    result: Floats = np.full(table.n_users, np.nan)
    np.divide(mean_place, others, out=result, where=others > 0)
    return result
