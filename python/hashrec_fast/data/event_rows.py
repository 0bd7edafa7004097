# SPDX-License-Identifier: Apache-2.0
"""Interactions as rows that can be indexed, so that scikit-learn can split them."""

from __future__ import annotations

from types import EllipsisType
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.patterns import mask_csr
from hashrec_fast.types import SparseMatrix

RowKey: TypeAlias = "int | slice | list[int] | NDArray[np.integer] | NDArray[np.bool_]"
"""Which rows: one, some by number, or a mask over all."""


class EventRows:
    """View of interactions in which every stored pair of a user and an item is one row.

    Indexing gives a view of some of the pairs; the matrix keeps its shape, so that models fitted on
    different rows know the same users and items. Models and :func:`hashrec_fast.evaluate` take it
    where they take interactions, and side information of a ``Dataset`` goes along.

    Parameters
    ----------
    source : Dataset or scipy sparse matrix, shape (n_users, n_items)
        A matrix must hold no pair twice. It is not copied; do not change it afterwards.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        Where the matrix stores a pair more than once.

    Notes
    -----
    Rows are in the order of ``user_items.data`` of the source, by user and then by item, until an
    index puts them in another.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> rows = EventRows(sp.csr_matrix([[1, 0, 1], [0, 1, 0]]))
    >>> rows
    EventRows(3 interactions of 2 users, 3 items)
    >>> rows.users.tolist(), rows.items.tolist()
    ([0, 0, 1], [0, 2, 1])
    >>> rows[[0, 2]].user_items.toarray().tolist()
    [[1, 0, 0], [0, 1, 0]]
    """

    def __init__(self, source: Dataset | SparseMatrix) -> None:
        self._source = source if isinstance(source, Dataset) else _canonical(source)
        self._entries = np.arange(self._matrix.nnz, dtype=np.int64)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and 2 for the user and the item of each."""
        return len(self._entries), 2

    @property
    def users(self) -> NDArray[np.int64]:
        """The user of each row, shape (n_rows,)."""
        found: NDArray[np.int64] = (
            np.searchsorted(self._matrix.indptr, self._entries, side="right") - 1
        )
        return found

    @property
    def items(self) -> NDArray[np.int64]:
        """The item of each row, shape (n_rows,)."""
        found: NDArray[np.int64] = self._matrix.indices[self._entries].astype(np.int64)
        return found

    @property
    def selected(self) -> Dataset | sp.csr_matrix:
        """The source with the pairs of these rows alone; a matrix where that was given."""
        mask = np.zeros(self._matrix.nnz, dtype=bool)
        mask[self._entries] = True
        if isinstance(self._source, Dataset):
            return self._source.select(mask)
        return mask_csr(self._source, mask)

    @property
    def user_items(self) -> sp.csr_matrix:
        """The pairs of these rows, shape (n_users, n_items)."""
        selected = self.selected
        return selected.user_items if isinstance(selected, Dataset) else selected

    @property
    def ratings(self) -> sp.csr_matrix | None:
        """The ratings of a Dataset that has them, on the pattern of ``user_items``.

        ``None`` for a matrix, whose own values are in ``user_items``.
        """
        selected = self.selected
        return selected.ratings if isinstance(selected, Dataset) else None

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, key: RowKey | tuple[RowKey, EllipsisType]) -> EventRows:
        """View of some rows, in the order asked for.

        Raises
        ------
        IndexError
            For rows that are not there, or an index of more than rows.
        ValueError
            For a row asked for twice: an interaction counts once.
        """
        if isinstance(key, tuple):  # scikit-learn asks for rows[indices, ...]
            if len(key) != 2 or key[1] is not Ellipsis:
                raise IndexError(f"only rows can be chosen, not {key!r}")
            key = key[0]
        view = object.__new__(EventRows)
        view._source = self._source
        chosen = self._entries[key]
        if key is None or np.ndim(chosen) > 1:
            raise IndexError("rows are chosen by an integer, a slice, a mask or a list of integers")
        view._entries = np.atleast_1d(chosen)
        if len(np.unique(view._entries)) < len(view._entries):
            raise ValueError("a row may be chosen once, as an interaction counts once")
        return view

    def __repr__(self) -> str:
        n_users, n_items = self._matrix.shape
        return f"EventRows({len(self)} interactions of {n_users} users, {n_items} items)"

    @property
    def _matrix(self) -> sp.csr_matrix:
        return self._source.user_items if isinstance(self._source, Dataset) else self._source


def _canonical(source: SparseMatrix) -> sp.csr_matrix:
    """CSR with sorted rows; the source is left as it is."""
    if not sp.issparse(source) or source.ndim != 2:
        raise TypeError(
            "source must be a Dataset or a scipy sparse matrix (n_users, n_items), "
            f"got {type(source).__name__}"
        )
    matrix = sp.csr_matrix(source)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    if repeated := source.nnz - matrix.nnz:
        raise ValueError(f"the matrix stores {repeated} entries twice; sum_duplicates()")
    return matrix
