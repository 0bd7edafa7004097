# SPDX-License-Identifier: Apache-2.0
"""Classification accuracy with the threshold set at a rank."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties
from hashrec_fast.evaluation.recall import expected_hits


def accuracy(table: RankTable, k: int, ties: Ties = "expected") -> Floats:
    """Share of candidates put on the right side when the first ``k`` are called positive.

    The threshold of ``I(y_i = T_theta(score_i))`` is set for each user just below place ``k``. With
    ``n`` candidates, ``k' = min(k, n)`` and ``h`` hits, ``k' - h`` candidates are false positives
    and ``|P| - h`` false negatives::

        Accuracy@k = 1 - (k' + |P| - 2 h) / n

    It is close to 1 for any ranking of many candidates; use it with few, as in
    ``candidates=99`` or ``candidates="test"``.

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items.
    k : int
        Number of candidates called positive, at least 1.
    ties : {"expected", "first", "last"}
        Order of tied items; the expectation is exact because it is linear in the hits.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1].

    References
    ----------
    Survey of learning to hash for recommendation, Eq. (61), whose ``T_theta`` is
    ``I(score > theta)``. Deviation: the equation leaves ``theta`` open; a rank needs no tuning and
    means the same for codes and for real scores.

    Examples
    --------
    >>> table = RankTable.from_counts([0], better=[0], tied=[0], n_candidates=[100])
    >>> accuracy(table, 10)  # nine false positives
    array([0.91])
    """
    table = table.resolve(ties)
    hits = expected_hits(table, k)
    called = np.minimum(table.n_candidates, k)
    return 1.0 - (called + table.n_targets - 2.0 * hits) / table.n_candidates
