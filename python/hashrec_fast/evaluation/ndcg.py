# SPDX-License-Identifier: Apache-2.0
"""Normalised discounted cumulative gain, binary or graded."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties, cutoff_of


def ndcg(table: RankTable, k: int | None = None, ties: Ties = "expected") -> Floats:
    """Discounted gain of the first ``k`` places, divided by the best that an order could reach.

    ``DCG@k = sum_{i in P} I(r_i <= k) g_i / log2(r_i + 1)``; the ideal sorts the user's own gains.
    With all gains 1 (binary) the ideal is the sum of the first ``min(|P|, k)`` discounts. Graded
    gains are ``2^rating - 1``.

    Parameters
    ----------
    table : RankTable
        Rank counts and gains of the held-out items.
    k : int, optional
        Length of the recommended list, at least 1; the whole ranking by default.
    ties : {"expected", "first", "last"}
        Order of tied items. The expectation is exact: DCG is linear in the targets, and each sees
        the mean discount of its group's places.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1]; NaN for a user whose gains are all 0.

    References
    ----------
    Survey of learning to hash for recommendation, Eqs. (54)-(55).
    Deviation: ``r <= k`` as in Eq. (53), where Eq. (55) prints ``r < K``.

    Examples
    --------
    >>> table = RankTable.from_counts([0], better=[1], tied=[0], n_candidates=[9])
    >>> ndcg(table, 10)
    array([0.63092975])
    """
    return _normalised(table, ties, np.arange(1.0, cutoff_of(table, k) + 1.0) + 1.0)


def ndcg_jk(table: RankTable, k: int | None = None, ties: Ties = "expected") -> Floats:
    """NDCG with the discount of Jarvelin and Kekalainen: ranks 1 and 2 both count fully.

    ``DCG@k = sum_{i in P} I(r_i <= k) g_i / max(1, log2(r_i))``, "method 0" of a routine that code
    released with several hashing papers (NeuHash-CF, VHPHD) uses. Its values are higher than those
    of :func:`ndcg`: compare each only with its like. Those programs count users whose gains are
    all 0 as 0; here they are NaN, and left out of means.

    Parameters
    ----------
    table : RankTable
        Rank counts and gains of the held-out items.
    k : int, optional
        Length of the recommended list, at least 1; the whole ranking by default.
    ties : {"expected", "first", "last"}
        Order of tied items; the expectation is exact.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1]; NaN for a user whose gains are all 0.

    References
    ----------
    Jarvelin and Kekalainen, Cumulated gain-based evaluation of IR techniques, TOIS 2002, base 2.

    Examples
    --------
    >>> table = RankTable.from_counts([0], better=[1], tied=[0], n_candidates=[9])
    >>> ndcg_jk(table, 10)
    array([1.])
    """
    ranks = np.arange(1.0, cutoff_of(table, k) + 1.0)
    return _normalised(table, ties, np.maximum(ranks, 2.0))


def _normalised(table: RankTable, ties: Ties, antilogs: Floats) -> Floats:
    """Gain discounted by ``1 / log2(antilogs)`` of the places up to the cutoff, over the best."""
    table = table.resolve(ties)
    cumulative = np.append(0.0, np.cumsum(1.0 / np.log2(antilogs)))
    reached = table.sum_by_user(table.gain * table.mean_over_ties(cumulative))
    order = np.lexsort((-table.gain, table.user))  # users keep their rows, gains fall within them
    first_row = np.searchsorted(table.user, np.arange(table.n_users))
    place = np.arange(len(order)) - first_row[table.user]
    discount = np.diff(cumulative, append=cumulative[-1])[np.minimum(place, len(antilogs))]
    ideal = table.sum_by_user(table.gain[order] * discount)
    result: Floats = np.full(table.n_users, np.nan)
    np.divide(reached, ideal, out=result, where=ideal > 0)
    return result
