# SPDX-License-Identifier: Apache-2.0
"""Passes of bit-wise descent on squared score differences of all pairs, nothing sampled.

``sum_u w_u sum_(i in I_u) sum_(j not in I_u) (margin - b_u'(d_i - d_j))^2 - 2 sum_r a_r'x_r`` with
the positives ``I_u`` of each user (Zhang et al., "Discrete Personalized Ranking for Fast
Collaborative Filtering from Implicit Feedback", AAAI 2017; survey eq. 18). Codes are the same for
every number of threads and SIMD level. ``width`` is ``n_bits`` rounded up to 8.

All raise ``TypeError`` for what is no array, and ``ValueError`` for a wrong dtype, shape or memory
order, an entry out of range or out of order, and values that are no signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.kernels.lists import RowLists
from hashrec_fast.kernels.row_terms import NO_LINEAR, RowLinear

Doubles = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class PairwisePass:
    """Pass over users or items: what it minimises, and how.

    Attributes
    ----------
    positives : pair of ndarray (int64 (n_rows + 1,), int32 (n_entries,))
        Of each row: its positives on the other side, strictly ascending.
    pair_weight : float64 (n_users,)
        ``w``, usually one over the number of pairs.
    margin : float
        Wanted difference of scores.
    linear : RowLinear
        Linear term ``a`` of each row.
    sweeps : int
        Most sweeps over the bits of a row, which ends at its first sweep without a change.
    num_threads : int
        Threads to use, 0 = all.
    """

    positives: RowLists
    pair_weight: Doubles
    margin: float
    linear: RowLinear = NO_LINEAR
    sweeps: int = 100
    num_threads: int = 0


class ItemSums(NamedTuple):
    """Sums that a users' pass needs of all items.

    Attributes
    ----------
    codes : uint64 (n_items, n_words)
    gram : float64 (width, width)
        ``sum of d d'``.
    total : float64 (width,)
        ``sum of d``.
    """

    codes: NDArray[np.uint64]
    gram: Doubles
    total: Doubles


class UserSums(NamedTuple):
    """Sums that an items' pass needs, of users and of the items themselves.

    Attributes
    ----------
    n_positives : float64 (n_users,)
    own_score : float64 (n_users,)
        Sum of each user's scores of its positives; a sequential pass keeps it up to date in place.
    item_total : float64 (width,)
        ``sum of d`` over the items of training; a sequential pass keeps it up to date in place.
    n_items : int
        Items of training, also where new items are encoded.
    """

    n_positives: Doubles
    own_score: Doubles
    item_total: Doubles
    n_items: int


def pairwise_user_pass(
    own: NDArray[np.int16],
    n_bits: int,
    items: NDArray[np.int16],
    step: PairwisePass,
    *,
    sums: ItemSums,
) -> int:
    """One pass over user rows, each independent of the others.

    Parameters
    ----------
    own : ndarray of int16, shape (n_users, width)
        Signs times 256, updated in place.
    n_bits : int
    items : ndarray of int16, shape (n_items, width)
    step : PairwisePass
    sums : ItemSums

    Returns
    -------
    int
        Number of bits changed.

    Examples
    --------
    >>> own, items = np.full((1, 8), 256, np.int16), np.full((2, 8), 256, np.int16)
    >>> items[0, :3] = -256  # the positive
    >>> signs = items / 256.0
    >>> sums = ItemSums(np.array([[248], [255]], np.uint64), signs.T @ signs, signs.sum(axis=0))
    >>> lists = np.array([0, 1]), np.array([0], np.int32)
    >>> step = PairwisePass(positives=lists, pair_weight=np.ones(1), margin=6.0)
    >>> pairwise_user_pass(own, 8, items, step, sums=sums)
    3
    """
    row_linear, matrix, mean = step.linear.parts()
    return _core.pairwise_user_pass(
        own,
        n_bits,
        items,
        *step.positives,
        step.pair_weight,
        step.margin,
        other_codes=sums.codes,
        item_gram=sums.gram,
        item_total=sums.total,
        row_linear=row_linear,
        delegate_matrix=matrix,
        delegate_mean=mean,
        sweeps=step.sweeps,
        num_threads=step.num_threads,
    )


def pairwise_item_pass(
    own: NDArray[np.int16],
    n_bits: int,
    users: NDArray[np.int16],
    step: PairwisePass,
    *,
    sums: UserSums,
    sequential: bool = True,
) -> int:
    """One pass over item rows, which meet in the users' pairs.

    Parameters
    ----------
    own : ndarray of int16, shape (n_rows, width)
        Signs times 256, updated in place.
    n_bits : int
    users : ndarray of int16, shape (n_users, width)
    step : PairwisePass
    sums : UserSums
    sequential : bool
        Whether each row sees the moves of the rows before it, so that the loss cannot rise; else
        all rows see the start of the pass.

    Returns
    -------
    int
        Number of bits changed.
    """
    row_linear, matrix, mean = step.linear.parts()
    return _core.pairwise_item_pass(
        own,
        n_bits,
        users,
        *step.positives,
        step.pair_weight,
        step.margin,
        positives=sums.n_positives,
        own_score=sums.own_score,
        item_total=sums.item_total,
        n_items=sums.n_items,
        sequential=sequential,
        row_linear=row_linear,
        delegate_matrix=matrix,
        delegate_mean=mean,
        sweeps=step.sweeps,
        num_threads=step.num_threads,
    )
