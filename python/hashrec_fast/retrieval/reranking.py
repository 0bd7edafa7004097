# SPDX-License-Identifier: Apache-2.0
"""The second stage of a cascade: real scores for the candidates that codes have found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.kernels.rerank import rerank_float16, rerank_float32, rerank_int8

Vectors = NDArray[np.float32 | np.float16 | np.int8]
_MAX_K = 2**31 - 1


def rerank(
    user_vectors: Vectors,
    item_vectors: Vectors,
    ids: ArrayLike,
    k: int,
    *,
    user_scales: ArrayLike | None = None,
    item_scales: ArrayLike | None = None,
    num_threads: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The ``k`` best of each user's own candidates by inner product.

    Products of floats are exact in float64; term ``i`` is added to sum ``i % 8``, and the sums are
    folded as ``((0+4)+(2+6)) + ((1+5)+(3+7))``. Products of int8 are summed in integers and then
    multiplied by ``user_scale * item_scale`` in float64. Scores are rounded to float32 (a sum
    beyond the range becomes the largest finite value) and candidates are ordered by the rounded
    score, then by id. So results are the same for every SIMD level and number of threads.

    Parameters
    ----------
    user_vectors : ndarray of float32, float16 or int8, shape (n_users, n_factors)
        One row per row of ``ids``.
    item_vectors : ndarray of float32, float16 or int8, shape (n_items, n_factors)
        C-contiguous, never copied. int8 items need int8 users; float items need float users.
    ids : array_like of int, shape (n_users, n_candidates)
        Rows of ``item_vectors``, -1 = none. An id that a row repeats counts once.
    k : int
        Length of each list, at least 1; may exceed ``n_candidates``.
    user_scales : array_like of float, shape (n_users,), optional
        Factors of int8 users.
    item_scales : array_like of float, shape (n_items,), optional
        Factors of int8 items.
    num_threads : int
        Threads to use, 0 = all.

    Returns
    -------
    scores : ndarray of float32, shape (n_users, k)
        Falling; -inf where there are fewer than ``k`` candidates.
    ids : ndarray of int64, shape (n_users, k)
        Rising among equal scores; -1 where there is none.

    Raises
    ------
    TypeError
        If vectors are no arrays of these dtypes, the two kinds do not go together, ids are no
        integers, or scales are given for float vectors.
    ValueError
        If shapes do not fit, an array is not C-contiguous, an id is out of range, ``k < 1``, or a
        candidate's vector or scale holds NaN or infinity.

    Examples
    --------
    >>> users = np.array([[1.0, 2.0]], np.float32)
    >>> items = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], np.float32)
    >>> rerank(users, items, np.array([[0, 1, -1, 1]]), k=3)
    (array([[  2.,   1., -inf]], dtype=float32), array([[ 1,  0, -1]]))
    """
    users, items = (
        _check_vectors(user_vectors, "user_vectors"),
        _check_vectors(item_vectors, "item_vectors"),
    )
    candidates = _check_ids(ids, len(users))
    k = check_int(k, "k", minimum=1, maximum=_MAX_K)
    num_threads = check_int(num_threads, "num_threads", minimum=0, maximum=4096)
    if (users.dtype == np.int8) != (items.dtype == np.int8):
        raise TypeError(
            "user_vectors and item_vectors must both be int8 or both float, "
            f"got {users.dtype} and {items.dtype}"
        )
    if items.dtype == np.int8:
        return rerank_int8(
            users,
            items,
            candidates,
            k,
            user_scales=_check_scales(user_scales, "user_scales"),
            item_scales=_check_scales(item_scales, "item_scales"),
            num_threads=num_threads,
        )
    if user_scales is not None or item_scales is not None:
        raise TypeError(f"scales are for int8 vectors, got {items.dtype}")
    users = np.ascontiguousarray(users, dtype=np.float32)
    if items.dtype == np.float16:
        return rerank_float16(users, items, candidates, k, num_threads=num_threads)
    return rerank_float32(users, items, candidates, k, num_threads=num_threads)


def _check_vectors(vectors: object, name: str) -> NDArray[Any]:
    if not isinstance(vectors, np.ndarray) or vectors.dtype not in (
        np.float32,
        np.float16,
        np.int8,
    ):
        got = vectors.dtype if isinstance(vectors, np.ndarray) else type(vectors).__name__
        raise TypeError(f"{name} must be an array of float32, float16 or int8, got {got}")
    if vectors.ndim != 2:
        raise ValueError(f"{name} must have shape (n, n_factors), got {vectors.shape}")
    if not vectors.flags.c_contiguous:
        raise ValueError(f"{name} must be C-contiguous; use numpy.ascontiguousarray")
    return vectors


def _check_ids(ids: ArrayLike, n_users: int) -> NDArray[np.int64]:
    array = np.asarray(ids)
    if array.size == 0 and array.ndim == 2:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"ids must be integers, got {array.dtype}")
    if array.ndim != 2 or len(array) != n_users:
        raise ValueError(f"ids must have shape ({n_users}, n_candidates), got {array.shape}")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"ids must fit int64, got {array.max()}")
    return np.ascontiguousarray(array, dtype=np.int64)


def _check_scales(scales: ArrayLike | None, name: str) -> NDArray[np.float32] | None:
    if scales is None:
        return None
    array = np.asarray(scales)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be real numbers, got {array.dtype}")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)
