# SPDX-License-Identifier: Apache-2.0
"""Hit ratio at a cutoff."""

from __future__ import annotations

import numpy as np

from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties, cutoff_of


def hit_ratio(table: RankTable, k: int, ties: Ties = "expected") -> Floats:
    """Probability that at least one held-out item stands among the first ``k``.

    Only the tie group of the user's best target matters: a later group lies among the first ``k``
    only if that one already does. If its ``m`` targets are spread over ``S`` places of which the
    first ``c`` count, the draw is hypergeometric: ``P(no hit) = C(S - m, c) / C(S, c)``.

    Parameters
    ----------
    table : RankTable
        Rank counts of the held-out items.
    k : int
        Length of the recommended list, at least 1.
    ties : {"expected", "first", "last"}
        Order of tied items.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        1 or 0 without ties at the cutoff, a probability with them.

    References
    ----------
    Survey of learning to hash for recommendation, Eq. (60).

    Examples
    --------
    >>> table = RankTable.from_counts([0, 0], better=[0, 0], tied=[3, 3], n_candidates=[9])
    >>> hit_ratio(table, 2)  # 1 - C(2, 2) / C(4, 2)
    array([0.83333333])
    """
    table = table.resolve(ties)
    groups = table.groups
    first = groups.first_of_user
    size, n_own = groups.size[first], groups.n_own[first]
    n_places = np.clip(cutoff_of(table, k) - groups.better[first], 0, size)
    # C(S - m, c) / C(S, c) is symmetric in m and c: the product over the smaller one is short.
    fewer, more = np.minimum(n_own, n_places), np.maximum(n_own, n_places)
    no_hit = np.ones(table.n_users)
    open_users = np.flatnonzero(fewer > 0)
    for step in range(int(fewer.max())):
        open_users = open_users[fewer[open_users] > step]
        rest = size[open_users] - step
        no_hit[open_users] *= np.maximum(rest - more[open_users], 0) / rest
    return 1.0 - no_hit
