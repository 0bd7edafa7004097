# SPDX-License-Identifier: Apache-2.0
"""Real scores for each user's own candidates, one function for each type of item vectors.

All return scores (n_users, k), falling, -inf where there are fewer than ``k`` candidates, and ids
(n_users, k), rising among equal scores, -1 where there is none; how sums are rounded is said at
:func:`hashrec_fast.rerank`. All raise ``TypeError`` for what is no array, and ``ValueError`` for a
wrong dtype, shape or memory order, an id out of range, ``k < 1``, and NaN or infinity among the
vectors and scales of candidates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.kernels.search import Scored


def rerank_float32(
    users: NDArray[np.float32],
    items: NDArray[np.float32],
    ids: NDArray[np.int64],
    k: int,
    *,
    num_threads: int = 0,
) -> Scored:
    """The ``k`` best candidates by inner product.

    Parameters
    ----------
    users : ndarray of float32, shape (n_users, n_factors)
    items : ndarray of float32, shape (n_items, n_factors)
    ids : ndarray of int64, shape (n_users, n_candidates)
        Rows of ``items``, -1 = none; an id that a row repeats counts once.
    k : int
    num_threads : int
        Threads to use, 0 = all.

    Examples
    --------
    >>> users, items = np.array([[1, 2]], np.float32), np.eye(2, dtype=np.float32)
    >>> rerank_float32(users, items, np.array([[0, 1]]), 1)
    (array([[2.]], dtype=float32), array([[1]]))
    """
    return _core.rerank_float32(users, items, ids, k, num_threads)


def rerank_float16(
    users: NDArray[np.float32],
    items: NDArray[np.float16],
    ids: NDArray[np.int64],
    k: int,
    *,
    num_threads: int = 0,
) -> Scored:
    """The ``k`` best candidates by inner product with items in half precision.

    Parameters
    ----------
    users, ids, k, num_threads
        As in :func:`rerank_float32`.
    items : ndarray of float16, shape (n_items, n_factors)

    Examples
    --------
    >>> users, items = np.array([[1, 2]], np.float32), np.eye(2, dtype=np.float16)
    >>> rerank_float16(users, items, np.array([[0, 1]]), 1)
    (array([[2.]], dtype=float32), array([[1]]))
    """
    return _core.rerank_float16(users, items.view(np.uint16), ids, k, num_threads)


def rerank_int8(
    users: NDArray[np.int8],
    items: NDArray[np.int8],
    ids: NDArray[np.int64],
    k: int,
    *,
    user_scales: NDArray[np.float32] | None = None,
    item_scales: NDArray[np.float32] | None = None,
    num_threads: int = 0,
) -> Scored:
    """The ``k`` best candidates by inner product of bytes times the scales of both rows.

    Parameters
    ----------
    users : ndarray of int8, shape (n_users, n_factors)
    items : ndarray of int8, shape (n_items, n_factors)
    ids, k, num_threads
        As in :func:`rerank_float32`.
    user_scales : ndarray of float32, shape (n_users,), optional
    item_scales : ndarray of float32, shape (n_items,), optional
        One without.

    Examples
    --------
    >>> users, items = np.array([[1, 2]], np.int8), np.eye(2, dtype=np.int8)
    >>> rerank_int8(users, items, np.array([[0, 1]]), 1)
    (array([[2.]], dtype=float32), array([[1]]))
    """
    return _core.rerank_int8(users, items, ids, k, user_scales, item_scales, num_threads)
