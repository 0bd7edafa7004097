# SPDX-License-Identifier: Apache-2.0
"""Precision at a cutoff."""

from __future__ import annotations

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties
from hashrec_fast.evaluation.recall import expected_hits


def precision(table: RankTable, k: int, ties: Ties = "expected") -> Floats:
    """Share of the first ``k`` places that hold a held-out item.

    ``Precision@k = (1 / k) sum_{i in P} I(r_i <= k)``. The divisor is ``k`` even where a user has
    fewer candidates, as in a list of fixed length.

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
    Survey of learning to hash for recommendation, Eq. (57) at a fixed cutoff.

    Examples
    --------
    >>> table = RankTable.from_counts([0, 0], better=[0, 4], tied=[1, 0], n_candidates=[9])
    >>> precision(table, 2)
    array([0.5])
    """
    return expected_hits(table.resolve(ties), k) / k
