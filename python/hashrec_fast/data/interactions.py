# SPDX-License-Identifier: Apache-2.0
"""``Dataset``: who met which item, with all that is known about the meeting."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix, issparse

from hashrec_fast.data.pairs import Duplicates, number_ids, order_pairs, value_column
from hashrec_fast.data.patterns import mask_csr, same_pattern, with_data
from hashrec_fast.data.side_info import KnowledgeGraph
from hashrec_fast.types import SparseMatrix

_log = logging.getLogger("hashrec_fast")

_PATTERN_FIELDS = ("ratings", "timestamps", "positions", "split")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Dataset:
    """Interactions of users and items, and side information.

    All matrices of interactions share one sparsity pattern: the entry ``k`` of ``ratings.data``
    belongs to the entry ``k`` of ``user_items.data``, and a stored zero (a time of 0, say) is a
    value like any other. Do not call ``eliminate_zeros`` on them.

    Parameters
    ----------
    user_items : csr_matrix of float32, shape (n_users, n_items)
        One where the user met the item; indices sorted and unique in every row.
    ratings : csr_matrix of float32, optional
        The strength of each interaction: stars, listening counts.
    timestamps : csr_matrix of int64, optional
        Unix time in seconds.
    positions : csr_matrix of int64, optional
        Order within the user's own history, where no times are known.
    split : csr_matrix of int8, optional
        The split of the publisher: 0 train, 1 test, 2 validation.
    user_ids, item_ids : array of shape (n_users,), (n_items,), optional
        The original labels; by default 0, 1, 2, ...
    item_features, user_features : csr_matrix of float32, optional
        One row per item, per user.
    social : csr_matrix, shape (n_users, n_users), optional
        Directed links between users, as published.
    item_graph : csr_matrix, shape (n_items, n_items), optional
        Directed links between items.
    kg : KnowledgeGraph, optional
    name : str
    n_duplicates : int
        How many rows of the source were dropped because their pair came again.

    Raises
    ------
    ValueError
        A matrix has another shape or another pattern than ``user_items``.

    Examples
    --------
    >>> ds = Dataset.from_pairs(["ann", "bob", "ann"], ["tea", "tea", "jam"], ratings=[5, 3, 4])
    >>> ds
    Dataset(2 users, 2 items, 3 interactions, ratings)
    >>> ds.item_ids.tolist(), ds.ratings.toarray().tolist()
    (['jam', 'tea'], [[4.0, 5.0], [0.0, 3.0]])
    """

    user_items: csr_matrix
    ratings: csr_matrix | None = None
    timestamps: csr_matrix | None = None
    positions: csr_matrix | None = None
    split: csr_matrix | None = None
    user_ids: NDArray[Any] = None  # type: ignore[assignment]  # filled in below
    item_ids: NDArray[Any] = None  # type: ignore[assignment]
    item_features: csr_matrix | None = None
    user_features: csr_matrix | None = None
    social: csr_matrix | None = None
    item_graph: csr_matrix | None = None
    kg: KnowledgeGraph | None = None
    name: str = ""
    n_duplicates: int = 0

    def __post_init__(self) -> None:
        base = self.user_items
        if not (issparse(base) and base.format == "csr" and base.has_canonical_format):
            raise ValueError(
                "user_items must be a scipy CSR matrix with sorted, unique indices, got "
                f"{type(base).__name__}; Dataset.from_csr takes other matrices"
            )
        for field in _PATTERN_FIELDS:
            matrix = getattr(self, field)
            if matrix is not None and not same_pattern(base, matrix):
                raise ValueError(f"{field} must be CSR with the very pattern of user_items")
        for field, n in (("user_ids", self.n_users), ("item_ids", self.n_items)):
            labels = getattr(self, field)
            labels = np.arange(n, dtype=np.int64) if labels is None else np.asarray(labels)
            if labels.shape != (n,):
                raise ValueError(f"{field} must hold {n} labels, got shape {labels.shape}")
            object.__setattr__(self, field, labels)
        for field, rows, columns in (
            ("item_features", self.n_items, None),
            ("user_features", self.n_users, None),
            ("social", self.n_users, self.n_users),
            ("item_graph", self.n_items, self.n_items),
        ):
            matrix = getattr(self, field)
            if matrix is not None and (
                matrix.shape[0] != rows or columns not in (None, matrix.shape[1])
            ):
                wanted = f"({rows}, {'any' if columns is None else columns})"
                raise ValueError(f"{field} must be of shape {wanted}, got {matrix.shape}")
        if self.kg is not None and len(self.kg.item_entity) != self.n_items:
            raise ValueError(
                f"kg.item_entity must hold {self.n_items} items, got {len(self.kg.item_entity)}"
            )

    @classmethod
    def from_pairs(
        cls,
        users: ArrayLike,
        items: ArrayLike,
        ratings: ArrayLike | None = None,
        timestamps: ArrayLike | None = None,
        *,
        positions: ArrayLike | None = None,
        split: ArrayLike | None = None,
        n_users: int | None = None,
        n_items: int | None = None,
        user_ids: ArrayLike | None = None,
        item_ids: ArrayLike | None = None,
        duplicates: Duplicates = "last",
        name: str = "",
    ) -> Dataset:
        """Build a data set from rows (user, item, rating, time).

        ``users`` are labels of any kind, numbered in sorted order; where ``n_users`` or
        ``user_ids`` is given they are row numbers 0 .. n_users - 1. The same goes for items.

        A repeated pair counts once. With ``duplicates="last"`` the row with the latest timestamp
        (else the highest position) is kept, and of equal ones the row that comes last; ``"first"``
        keeps the earliest; ``"error"`` raises. ``n_duplicates`` tells how many rows were dropped.

        Raises
        ------
        ValueError
            Columns differ in length, a number is out of range, a rating is NaN or infinite,
            a pair is repeated under ``duplicates="error"``, or ``duplicates`` is unknown.
        """
        if duplicates not in ("last", "first", "error"):
            raise ValueError(f"duplicates must be 'last', 'first' or 'error', got {duplicates!r}")
        rows, row_labels = number_ids(users, "users", n_users, user_ids)
        columns, column_labels = number_ids(items, "items", n_items, item_ids)
        if len(rows) != len(columns):
            raise ValueError(
                f"users and items must be of one length, got {len(rows)} and {len(columns)}"
            )
        given = {
            "ratings": ratings,
            "timestamps": timestamps,
            "positions": positions,
            "split": split,
        }
        values = {
            field: value_column(column, field, len(rows))
            for field, column in given.items()
            if column is not None
        }
        order, n_repeats = order_pairs(rows, columns, values, duplicates, len(column_labels))
        if n_repeats:
            _log.info("%s: %d repeated pairs dropped (%s kept)", name, n_repeats, duplicates)
        shape = (len(row_labels), len(column_labels))
        indptr = np.zeros(shape[0] + 1, np.int64)
        np.cumsum(np.bincount(rows[order], minlength=shape[0]), out=indptr[1:])
        base = csr_matrix((np.ones(len(order), np.float32), columns[order], indptr), shape=shape)
        base.has_canonical_format = True
        return cls(
            user_items=base,
            user_ids=row_labels,
            item_ids=column_labels,
            name=name,
            n_duplicates=n_repeats,
            **{field: with_data(base, column[order]) for field, column in values.items()},
        )

    @classmethod
    def from_csr(cls, matrix: SparseMatrix, *, name: str = "") -> Dataset:
        """Build a data set from any scipy sparse matrix: every stored entry is an interaction.

        Values other than one become ``ratings``; entries stored twice follow ``from_pairs``.
        """
        coo = matrix.tocoo()
        ratings = None if (coo.data == 1).all() else coo.data
        n_users, n_items = coo.shape
        return cls.from_pairs(
            coo.row, coo.col, ratings, n_users=n_users, n_items=n_items, name=name
        )

    @property
    def n_users(self) -> int:
        """Rows of ``user_items``."""
        return int(self.user_items.shape[0])

    @property
    def n_items(self) -> int:
        """Columns of ``user_items``."""
        return int(self.user_items.shape[1])

    @property
    def n_interactions(self) -> int:
        """Stored entries of ``user_items``."""
        return int(self.user_items.nnz)

    @property
    def density(self) -> float:
        """Share of all (user, item) pairs that interacted; 0 for an empty matrix."""
        return self.n_interactions / max(1, self.n_users * self.n_items)

    def select(self, mask: ArrayLike) -> Dataset:
        """Keep the interactions where ``mask`` (bool, shape (n_interactions,)) is true.

        The order is that of ``user_items.data``: by user, then by item. Users, items and side
        information stay as they are.
        """
        chosen = np.asarray(mask)
        if chosen.dtype != np.bool_ or chosen.shape != (self.n_interactions,):
            raise ValueError(
                f"mask must be bool of shape ({self.n_interactions},), "
                f"got {chosen.dtype} {chosen.shape}"
            )
        base = mask_csr(self.user_items, chosen)
        changed = {
            field: with_data(base, getattr(self, field).data[chosen])
            for field in _PATTERN_FIELDS
            if getattr(self, field) is not None
        }
        return replace(self, user_items=base, **changed)

    def __repr__(self) -> str:
        counts = (
            f"{self.n_users} users",
            f"{self.n_items} items",
            f"{self.n_interactions} interactions",
        )
        skipped = ("user_items", "user_ids", "item_ids", "name", "n_duplicates")
        extras = [
            field.name
            for field in fields(self)
            if field.name not in skipped and getattr(self, field.name) is not None
        ]
        title = (repr(self.name),) if self.name else ()
        return f"Dataset({', '.join((*title, *counts, *extras))})"
