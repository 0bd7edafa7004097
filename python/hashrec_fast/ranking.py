# SPDX-License-Identifier: Apache-2.0
"""Ranking by a fit: the one path of ``recommend`` and ``similar_*`` for codes and for factors."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.fitted import Fitted
from hashrec_fast.retrieval.registry import Index, index_of
from hashrec_fast.types import SparseMatrix

Ranked = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Ids, then scores, best first; -1 and -inf where there is no item left."""


class Ranker:
    """Searches over the rows of one fit; indexes are made when they are first needed.

    Parameters
    ----------
    fitted : Fitted
    """

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted

    @cached_property
    def items(self) -> Index:
        """Index of the items."""
        return self._index("item")

    @cached_property
    def users(self) -> Index:
        """Index of the users."""
        return self._index("user")

    def _index(self, side: str) -> Index:
        fitted = self.fitted
        return index_of(fitted.index_kind, fitted.rows(side), fitted.n_bits, fitted.num_threads)

    def recommend(
        self,
        userid: int | ArrayLike,
        user_items: SparseMatrix | None,
        n: int,
        *,
        filter_liked: bool,
        filter_items: ArrayLike | None,
        items: ArrayLike | None,
    ) -> Ranked:
        """Best ``n`` items; see :meth:`hashrec_fast.HashRecommender.recommend`."""
        fitted, n_items = self.fitted, len(self.fitted.item)
        check_int(n, "N", minimum=1)
        users, single = checked_ids(userid, len(fitted.user), "userid")
        exclude = self._liked(users, user_items) if filter_liked else None
        allow = _allowed(filter_items, items, n_items)
        filters = {"exclude": exclude, "allow": allow}
        similarity, reranker = fitted.similarity, fitted.recipe.reranker
        if reranker is not None:
            scores, ids = reranker.search(similarity, self.items, n, fitted, users, **filters)
        else:
            queries = fitted.user[users]
            scores, ids = similarity.search(self.items, queries, n, fitted, users, **filters)
        scores = np.where(ids >= 0, scores, np.float32(-np.inf))
        return (ids[0], scores[0]) if single else (ids, scores)

    def similar(self, side: str, rowid: int | ArrayLike, n: int) -> Ranked:
        """The ``n`` rows of a side nearest to some of its rows, themselves included."""
        check_int(n, "N", minimum=1)
        rows = self.fitted.rows(side)
        wanted, single = checked_ids(rowid, len(rows), f"{side}id")
        index = self.items if side == "item" else self.users
        scores, ids = index.best(rows[wanted], n)
        return (ids[0], scores[0]) if single else (ids, scores)

    def _liked(self, users: NDArray[np.int64], user_items: SparseMatrix | None) -> sp.csr_matrix:
        if user_items is None:
            return self.fitted.user_items[users]
        if not sp.issparse(user_items):
            raise TypeError(
                f"user_items must be a scipy.sparse CSR matrix, got {type(user_items).__name__}"
            )
        wanted = len(users), len(self.fitted.item)
        if user_items.shape != wanted:
            raise ValueError(
                f"user_items must have one row per user asked for, shape {wanted}, "
                f"got {user_items.shape}"
            )
        return sp.csr_matrix(user_items)


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


def _allowed(
    filter_items: ArrayLike | None, items: ArrayLike | None, n_items: int
) -> NDArray[np.bool_] | None:
    """Mask of the items that may appear; ``None`` for all."""
    if items is not None and filter_items is not None:
        raise ValueError("give items or filter_items, not both")
    if items is not None:
        allow = np.zeros(n_items, dtype=bool)
        allow[checked_ids(np.atleast_1d(items), n_items, "items")[0]] = True
        return allow
    if filter_items is not None:
        allow = np.ones(n_items, dtype=bool)
        allow[checked_ids(np.atleast_1d(filter_items), n_items, "filter_items")[0]] = False
        return allow
    return None
