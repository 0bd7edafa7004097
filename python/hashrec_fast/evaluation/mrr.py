# SPDX-License-Identifier: Apache-2.0
"""Reciprocal rank, whose mean over users is MRR."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, Ints, RankTable, Ties, cutoff_of


def reciprocal_rank(table: RankTable, k: int | None = None, ties: Ties = "expected") -> Floats:
    """One over the rank of a user's best held-out item, 0 if that is beyond ``k``.

    Exact expectation over ties: if ``m`` targets are spread over the ``S`` places of the best tie
    group, below ``G`` candidates, the first of them takes place ``t`` with probability
    ``p_t = C(S - t, m - 1) / C(S, m)``, and the value is the sum of ``p_t / (G + t)``.

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
    Survey of learning to hash for recommendation, Eq. (58).

    Examples
    --------
    >>> table = RankTable.from_counts([0], better=[2], tied=[1], n_candidates=[9])
    >>> reciprocal_rank(table)  # (1/3 + 1/4) / 2
    array([0.29166667])
    """
    table = table.resolve(ties)
    cutoff = cutoff_of(table, k)
    groups = table.groups
    first = groups.first_of_user
    # Few distinct groups occur where ties are large, which is where each of them costs most.
    distinct, of_user = np.unique(
        np.stack([groups.better[first], groups.size[first], groups.n_own[first]], axis=1),
        axis=0,
        return_inverse=True,
    )
    better, size, n_own = distinct.T
    harmonic = np.append(0.0, np.cumsum(1.0 / np.arange(1.0, cutoff + 1.0)))
    start, stop = np.minimum(better, cutoff), np.minimum(better + size, cutoff)
    values = np.where(n_own == 1, (harmonic[stop] - harmonic[start]) / size, 0.0)
    several = n_own > 1
    values[several] = _first_of_several(better[several], size[several], n_own[several], cutoff)
    result: Floats = values[of_user.ravel()]
    return result


def _first_of_several(better: Ints, size: Ints, n_own: Ints, cutoff: int) -> Floats:
    """Sum ``p_t / (G + t)`` by ``p_{t+1} = p_t (S - t - m + 1) / (S - t)``; needs ``m >= 2``."""
    values = np.zeros(len(better))
    probability = n_own / size
    last = np.minimum(size - n_own + 1, cutoff - better)
    live = np.flatnonzero(last >= 1)
    for t in range(1, int(last.max(initial=0)) + 1):
        live = live[last[live] >= t]
        values[live] += probability[live] / (better[live] + t)
        rest = size[live] - t
        probability[live] *= (rest - n_own[live] + 1) / rest
        live = live[probability[live] > 1e-30]  # the rest adds less than one rounding
    return values
