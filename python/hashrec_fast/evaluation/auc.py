# SPDX-License-Identifier: Apache-2.0
"""Area under the ROC curve."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties


def auc(table: RankTable, ties: Ties = "expected") -> Floats:
    """Probability that a held-out item scores above a candidate that is not held out.

    ``AUC = (1 / |P||N|) sum_{i in P} sum_{j in N} (I(s_i > s_j) + I(s_i = s_j) / 2)``, where ``N``
    are the candidates that are no targets.

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items.
    ties : {"expected", "first", "last"}
        A tied pair counts 1/2, 1 or 0; 1/2 is exactly the expectation over random orders.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1]; NaN for a user without candidates besides the targets.

    References
    ----------
    Survey of learning to hash for recommendation, Eq. (59).

    Examples
    --------
    >>> table = RankTable.from_counts([0], better=[1], tied=[2], n_candidates=[5])
    >>> auc(table)  # one of four above, one below, two level
    array([0.5])
    """
    table = table.resolve(ties)
    groups = table.groups
    above = groups.better - groups.n_ahead
    level = groups.size - groups.n_own
    losses = np.bincount(groups.user, groups.n_own * (above + level / 2.0), table.n_users)
    pairs = table.n_targets * (table.n_candidates - table.n_targets)
    share = np.divide(losses, pairs, out=np.full(table.n_users, np.nan), where=pairs > 0)
    result: Floats = 1.0 - share
    return result
