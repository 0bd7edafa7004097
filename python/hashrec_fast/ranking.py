# SPDX-License-Identifier: Apache-2.0
"""What ``recommend`` and ``similar_*`` share: id checks, filters, one row or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.retrieval import FloatScan

if TYPE_CHECKING:
    from hashrec_fast.estimator import Recommender

Ranked = tuple[NDArray[np.int64], NDArray[np.float32]]


def checked_ids(ids: ArrayLike, n: int, name: str) -> tuple[NDArray[np.int64], bool]:
    """Ids as a 1-D int64 array and whether a single one was given."""
    array = np.asarray(ids)
    single = array.ndim == 0
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{name} must be an integer or an array of integers, got {ids!r}")
    array = np.atleast_1d(array).astype(np.int64)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    if array.size and (array.min() < 0 or array.max() >= n):
        wrong = array[(array < 0) | (array >= n)][0]
        raise IndexError(f"{name} must be in [0, {n}), got {wrong}")
    return array, single


def recommend_rows(
    model: Recommender,
    userid: int | ArrayLike,
    user_items: Any,
    n: int,
    filter_liked: bool,
    filter_items: ArrayLike | None,
    items: ArrayLike | None,
) -> Ranked:
    """Body of ``recommend``; see there."""
    fitted = model.fitted_
    n_items = len(fitted.item)
    check_int(n, "N", minimum=1)
    users, single = checked_ids(userid, len(fitted.user), "userid")
    exclude = _liked(model, users, user_items, n_items) if filter_liked else None
    allow = None
    if items is not None and filter_items is not None:
        raise ValueError("give items or filter_items, not both")
    if items is not None:
        allow = np.zeros(n_items, dtype=bool)
        allow[checked_ids(np.atleast_1d(items), n_items, "items")[0]] = True
    if filter_items is not None:
        allow = np.ones(n_items, dtype=bool)
        allow[checked_ids(np.atleast_1d(filter_items), n_items, "filter_items")[0]] = False
    ids, scores = _best_items(model, users, n, exclude, allow)
    return (ids[0], scores[0]) if single else (ids, scores)


def similar_rows(
    rows: NDArray[Any], index: Any, rowid: int | ArrayLike, n: int, model: Recommender, side: str
) -> Ranked:
    """Body of ``similar_items`` and ``similar_users``; see there."""
    check_int(n, "N", minimum=1)
    wanted, single = checked_ids(rowid, len(rows), f"{side}id")
    ids, scores = _search(index, rows[wanted], n, None, None, model.n_bits)
    return (ids[0], scores[0]) if single else (ids, scores)


def _liked(
    model: Recommender, users: NDArray[np.int64], user_items: Any, n_items: int
) -> sp.csr_matrix:
    if user_items is None:
        return model.user_items_[users]
    if not sp.issparse(user_items):
        raise TypeError(
            f"user_items must be a scipy.sparse CSR matrix, got {type(user_items).__name__}"
        )
    if user_items.shape != (len(users), n_items):
        raise ValueError(
            f"user_items must have one row per user asked for, shape {(len(users), n_items)}, "
            f"got {user_items.shape}"
        )
    return sp.csr_matrix(user_items)


def _best_items(
    model: Recommender,
    users: NDArray[np.int64],
    n: int,
    exclude: sp.csr_matrix | None,
    allow: NDArray[np.bool_] | None,
) -> Ranked:
    fitted, index = model.fitted_, model._items()
    if isinstance(index, FloatScan):
        return _search(index, fitted.user[users], n, exclude, allow, model.n_bits)
    similarity = model.recipe.terms().similarity
    filters = {"exclude": exclude, "allow": allow}
    reranker = model.recipe.reranker
    if reranker is not None:
        scores, ids = reranker.search(similarity, index, n, fitted, users, **filters)
    else:
        scores, ids = similarity.search(index, fitted.user[users], n, fitted, users, **filters)
    return ids, np.where(ids >= 0, scores, np.float32(-np.inf))


def _search(
    index: Any,
    queries: NDArray[Any],
    n: int,
    exclude: sp.csr_matrix | None,
    allow: NDArray[np.bool_] | None,
    n_bits: int,
) -> Ranked:
    if isinstance(index, FloatScan):
        scores, ids = index.search(queries, n, exclude=exclude, allow=allow)
    else:
        distances, ids = index.search(queries, n, exclude=exclude, allow=allow)
        scores = (n_bits - 2 * distances).astype(np.float32)
    return ids, np.where(ids >= 0, scores, np.float32(-np.inf))
