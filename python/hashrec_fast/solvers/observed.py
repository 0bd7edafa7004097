# SPDX-License-Identifier: Apache-2.0
"""Observed entries of real-factor solvers: scores, and normal equations of many rows at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
BUDGET = 1 << 22  # doubles that one block may take


def observed_scores(
    pattern: sp.csr_matrix, users: NDArray[Any], items: NDArray[Any]
) -> NDArray[np.float64]:
    """Inner products of the stored pairs, float64 (nnz,)."""
    rows = np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))
    scores = np.empty(pattern.nnz)
    step = max(1, BUDGET // max(1, users.shape[1]))
    for start in range(0, pattern.nnz, step):
        part = slice(start, start + step)
        left, right = users[rows[part]], items[pattern.indices[part]]
        scores[part] = np.einsum("ij,ij->i", left, right, dtype=np.float64)
    return scores


@dataclass(frozen=True)
class Block:
    """Rows whose entries are padded to one length, a power of two.

    The length depends on the row alone, so the rounding of its sums does not depend on the rows
    that are solved with it.

    Attributes
    ----------
    rows : int64 (n_rows,)
    gram : float64 (n_rows, d, d)
        ``sum y y'`` over the row's entries.
    linear : float64 (n_rows, d)
        ``sum t y``.
    """

    rows: NDArray[np.int64]
    gram: Matrix
    linear: Matrix


def normal_equations(
    pattern: sp.csr_matrix, targets: NDArray[np.float64], other: Matrix
) -> Iterator[Block]:
    """Gram matrices and linear terms of all rows of ``pattern``, some rows at a time.

    Parameters
    ----------
    pattern : csr_matrix (n_rows, n_other)
    targets : float64 (nnz,)
        In the order of the stored entries.
    other : float64 (n_other, d)
    """
    indptr = pattern.indptr.astype(np.int64)
    lengths, width = np.diff(indptr), other.shape[1]
    padded = np.where(lengths > 0, 1 << np.ceil(np.log2(np.maximum(lengths, 1))).astype(int), 0)
    for length in np.unique(padded):
        members = np.flatnonzero(padded == length)
        step = max(1, BUDGET // (width * max(width, int(length))))
        for start in range(0, len(members), step):
            rows = members[start : start + step]
            yield _block(rows, int(length), indptr, pattern.indices, targets, other)


def _block(
    rows: NDArray[np.int64],
    length: int,
    indptr: NDArray[np.int64],
    indices: NDArray[Any],
    targets: NDArray[np.float64],
    other: Matrix,
) -> Block:
    width = other.shape[1]
    if length == 0:
        return Block(rows, np.zeros((len(rows), width, width)), np.zeros((len(rows), width)))
    place = indptr[rows][:, None] + np.arange(length)
    inside = place < indptr[rows + 1][:, None]
    place = np.where(inside, place, 0)
    y = other[indices[place]] * inside[..., None]
    gram = y.transpose(0, 2, 1) @ y
    linear = ((targets[place] * inside)[:, None, :] @ y)[:, 0, :]
    return Block(rows, gram, linear)


def ridge_scale(pattern: sp.csr_matrix, per_rating: bool) -> NDArray[np.float64]:
    """Factor of the weight of ``L2`` in each row, float64 (n_rows,)."""
    lengths = np.diff(pattern.indptr)
    return lengths.astype(np.float64) if per_rating else np.ones(len(lengths))


def by_side(
    user_items: sp.csr_matrix, targets: NDArray[np.float64]
) -> list[tuple[sp.csr_matrix, NDArray[np.float64]]]:
    """Pattern and targets in row order and in column order."""
    tagged = sp.csr_matrix(
        (np.arange(user_items.nnz), user_items.indices, user_items.indptr), user_items.shape
    )
    turned = tagged.T.tocsr()
    turned.sort_indices()
    return [(user_items, targets), (turned, targets[turned.data])]
