# SPDX-License-Identifier: Apache-2.0
"""Exact inner-product search over real vectors, the baseline of Hamming search."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_int
from hashrec_fast.retrieval.filters import allow_rows, exclude_rows
from hashrec_fast.retrieval.id_map import IdMap
from hashrec_fast.types import AllowInput, ExcludeInput

_BLOCK_SCORES = 1 << 24  # scores held at once: 64 MiB of float32


def _check_vectors(
    vectors: ArrayLike, name: str, n_columns: int | None = None
) -> NDArray[np.float32]:
    array = np.asarray(vectors)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be numbers, got {array.dtype}")
    if array.ndim != 2 or (n_columns is not None and array.shape[1] != n_columns):
        wanted = "n, n_factors" if n_columns is None else f"n, {n_columns}"
        raise ValueError(f"{name} must have shape ({wanted}), got {array.shape}")
    array = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite float32 values")
    return array


class FloatScan:
    """Exact top-k by inner product, with numpy's BLAS and a partial sort, block by block.

    Parameters
    ----------
    item_vectors : array_like of float, shape (n_items, n_factors)
        Real vectors, kept as float32.

    Raises
    ------
    TypeError
        If the values are no numbers.
    ValueError
        If there are not two dimensions, or a value is not finite.

    Examples
    --------
    >>> scan = FloatScan(np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 2.0]]))
    >>> scan.search(np.array([[1.0, 1.0]]), k=2)
    (array([[2., 2.]], dtype=float32), array([[1, 2]]))
    """

    def __init__(self, item_vectors: ArrayLike) -> None:
        self.item_vectors = _check_vectors(item_vectors, "item_vectors")

    def __len__(self) -> int:
        return len(self.item_vectors)

    def search(
        self,
        queries: ArrayLike,
        k: int,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The ``k`` items with the largest inner product for each query.

        Parameters
        ----------
        queries : array_like of float, shape (n_queries, n_factors)
            Real vectors.
        k : int
            Length of each list, at least 1; may exceed the number of items.
        exclude, allow
            As in :meth:`LinearScan.search`.

        Returns
        -------
        scores : ndarray of float32, shape (n_queries, k)
            Falling; -inf where fewer than ``k`` items are left.
        ids : ndarray of int64, shape (n_queries, k)
            Rising among equal scores; -1 where there is none.

        Raises
        ------
        TypeError
            If an argument is of the wrong kind.
        ValueError
            If shapes do not fit, a value is not finite, ``k < 1``, or an id is out of range.
        """
        items = self.item_vectors
        queries = _check_vectors(queries, "queries", items.shape[1])
        k = check_int(k, "k", minimum=1, maximum=2**31 - 1)
        id_map = IdMap(len(items))
        excluded = exclude_rows(exclude, len(queries), id_map)
        allowed = allow_rows(allow, id_map)
        scores = np.full((len(queries), k), -np.inf, dtype=np.float32)
        ids = np.full((len(queries), k), -1, dtype=np.int64)
        step = max(1, _BLOCK_SCORES // max(1, len(items)))
        for begin in range(0, len(queries), step):
            block = queries[begin : begin + step] @ items.T
            if allowed is not None:
                block[:, ~allowed] = -np.inf
            for offset, row in enumerate(block):
                q = begin + offset
                if excluded is not None:
                    indptr, rows = excluded
                    row[rows[indptr[q] : indptr[q + 1]]] = -np.inf
                best = _largest(row, k)
                ids[q, : len(best)] = best
                scores[q, : len(best)] = row[best]
        return scores, ids

    def best(
        self,
        queries: ArrayLike,
        k: int,
        exclude: ExcludeInput | None = None,
        allow: AllowInput | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Scores and ids as of :meth:`search`; the name that code indexes have for it too."""
        return self.search(queries, k, exclude, allow)


def _largest(row: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Places of the k largest finite values, equal values in rising order of place."""
    worst = -np.inf
    if k < len(row):
        worst = row[np.argpartition(row, len(row) - k)[len(row) - k]]
    places = np.flatnonzero(row > -np.inf if worst == -np.inf else row >= worst)
    return places[np.argsort(-row[places], kind="stable")[:k]]
