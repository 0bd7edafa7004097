# SPDX-License-Identifier: Apache-2.0
"""Average precision, whose mean over users is MAP."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties, cutoff_of


def average_precision(table: RankTable, k: int | None = None, ties: Ties = "expected") -> Floats:
    """Mean precision at the ranks of the held-out items that stand among the first ``k``.

    ``AP@k = (1 / min(|P|, k)) sum_{i in P} I(r_i <= k) P@r_i``, ``P@r`` = targets up to ``r``, over
    ``r``.

    Exact expectation over ties: a group of ``m`` targets in ``S`` places below ``G`` candidates,
    ``A`` of them targets, has a target at place ``t`` with probability ``m / S``. Given that, each
    of the ``t - 1`` places before holds one of the other ``m - 1`` targets with probability
    ``(m - 1) / (S - 1)``. With ``c`` places inside the cutoff and ``h = sum_{t<=c} 1 / (G + t)``::

        E = (m / S) sum_{t<=c} (A + 1 + (t - 1)(m - 1)/(S - 1)) / (G + t)
          = (m / S) ((A + 1) h + (m - 1)/(S - 1) (c - (G + 1) h))

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items.
    k : int, optional
        Length of the recommended list, at least 1; the whole ranking by default.
    ties : {"expected", "first", "last"}
        Order of tied items.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1].

    References
    ----------
    Survey of learning to hash for recommendation, Eqs. (56)-(57).
    Deviation: divided by ``min(|P|, k)`` instead of ``|P|``, so that a perfect list scores 1.

    Examples
    --------
    >>> table = RankTable.from_counts([0, 0], better=[0, 2], tied=[0, 0], n_candidates=[9])
    >>> average_precision(table, 5)  # (1/1 + 2/3) / 2
    array([0.83333333])
    """
    total = _summed_precision(table, k, ties)
    divisor = table.n_targets if k is None else np.minimum(table.n_targets, k)
    result: Floats = total / divisor
    return result


def average_precision_of_all(
    table: RankTable, k: int | None = None, ties: Ties = "expected"
) -> Floats:
    """Mean over all held-out items of the precision at their ranks, 0 for those beyond ``k``.

    ``AP@k = (1 / |P|) sum_{i in P} I(r_i <= k) P@r_i``: as :func:`average_precision`, but the best
    list of a user with more than ``k`` held-out items scores ``k / |P|``. Equal without ``k``.

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items.
    k : int, optional
        Length of the recommended list, at least 1; the whole ranking by default.
    ties : {"expected", "first", "last"}
        Order of tied items; the expectation is exact.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, min(|P|, k) / |P|].

    References
    ----------
    Survey of learning to hash for recommendation, Eqs. (56)-(57), as printed. HCFRec (IJCAI 2022)
    reports it; the cornac library computes it.

    Examples
    --------
    >>> table = RankTable.from_counts([0, 0, 0], [0, 2, 7], [0, 0, 0], n_candidates=[9])
    >>> average_precision_of_all(table, 2)  # of three held-out items one is found, at rank 1
    array([0.33333333])
    """
    result: Floats = _summed_precision(table, k, ties) / table.n_targets
    return result


def _summed_precision(table: RankTable, k: int | None, ties: Ties) -> Floats:
    """Sum the precision at the ranks of each user's targets among the first ``k``."""
    table = table.resolve(ties)
    groups = table.groups
    cutoff = cutoff_of(table, k)
    harmonic = np.append(0.0, np.cumsum(1.0 / np.arange(1.0, cutoff + 1.0)))
    start = np.minimum(groups.better, cutoff)
    stop = np.minimum(groups.better + groups.size, cutoff)
    h = harmonic[stop] - harmonic[start]
    slope = (groups.n_own - 1) / np.maximum(groups.size - 1, 1)
    per_place = (groups.n_ahead + 1) * h + slope * (stop - start - (groups.better + 1) * h)
    weights = groups.n_own / groups.size * per_place
    total = np.bincount(groups.user, weights, table.n_users)
    return total.astype(np.float64, copy=False)
