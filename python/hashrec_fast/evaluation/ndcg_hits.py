# SPDX-License-Identifier: Apache-2.0
"""NDCG divided by the best order of the hits found, not of all held-out items."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, Ints, RankTable, Ties, cutoff_of


def ndcg_hits(table: RankTable, k: int, ties: Ties = "expected") -> Floats:
    """Discounted gain of the hits among the first ``k``, over that of as many hits on top.

    ``NDCG_hits@k = sum_{i in P} I(r_i <= k) / log2(r_i + 1) / sum_{r <= h} 1 / log2(r + 1)`` with
    ``h`` hits among the first ``k``. It is never below :func:`ndcg` of binary gain, and far above
    it where few held-out items are found: for comparison with numbers published so, no more.

    Exact expectation over ties: only the tie group that the cutoff divides makes ``h`` random. If
    ``m`` targets are spread over its ``S`` places, ``c`` of them inside, ``j`` fall inside with
    probability ``C(c, j) C(S - c, m - j) / C(S, m)``, each at the mean discount of the ``c``.

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items; their gains do not matter.
    k : int
        Length of the recommended list, at least 1.
    ties : {"expected", "first", "last"}
        Order of tied items.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Values in [0, 1].

    References
    ----------
    The evaluation in the code released with BiGeaR (KDD 2022) and BGCH (WWW 2023).

    Examples
    --------
    >>> table = RankTable.from_counts([0, 0, 0], [0, 7, 8], [0, 0, 0], n_candidates=[9])
    >>> ndcg_hits(table, 5)  # the only hit stands first
    array([1.])
    """
    table = table.resolve(ties)
    cutoff = cutoff_of(table, k)
    cumulative = np.append(0.0, np.cumsum(1.0 / np.log2(np.arange(2.0, cutoff + 2.0))))
    groups = table.groups
    places = np.clip(cutoff - groups.better, 0, groups.size)
    top = np.minimum(groups.better, cutoff)
    mean = (cumulative[top + places] - cumulative[top]) / np.maximum(places, 1)

    whole = np.where(places == groups.size, groups.n_own, 0)
    n_hits = np.bincount(groups.user, whole, table.n_users).astype(np.int64)
    reached = np.bincount(groups.user, whole * mean, table.n_users)
    values: Floats = np.zeros(table.n_users)
    np.divide(reached, cumulative[n_hits], out=values, where=n_hits > 0)

    cut = (places > 0) & (places < groups.size)  # at most one group of each user
    user = groups.user[cut]
    size, own, inside = groups.size[cut], groups.n_own[cut], places[cut]
    values[user] = 0.0
    for j, chance in enumerate(_hypergeometric(size, own, inside)):
        ideal = cumulative[np.minimum(n_hits[user] + j, cutoff)]
        found = chance * (reached[user] + j * mean[cut])
        values[user] += np.divide(found, ideal, out=np.zeros(len(user)), where=ideal > 0)
    return values


def _hypergeometric(size: Ints, own: Ints, inside: Ints) -> Iterator[Floats]:
    """Probabilities of 0, 1, 2, ... of ``own`` marked among ``inside`` drawn from ``size``."""
    logs = np.append(0.0, np.cumsum(np.log(np.arange(1.0, size.max(initial=0) + 1.0))))

    def log_choose(n: Ints, r: Ints) -> Floats:
        result: Floats = logs[n] - logs[r] - logs[n - r]
        return result

    most = np.minimum(own, inside)
    fewest = np.maximum(0, own + inside - size)
    for j in range(int(most.max(initial=-1)) + 1):
        drawn = np.clip(j, fewest, most)  # a count that can be, for the logarithms
        log = log_choose(inside, drawn) + log_choose(size - inside, own - drawn)
        yield np.where(drawn == j, np.exp(log - log_choose(size, own)), 0.0)
