# SPDX-License-Identifier: Apache-2.0
"""Checks of interaction matrices at the door of the estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from hashrec_fast.data.matrices import check_real, refuse
from hashrec_fast.types import Interactions


def as_user_items(
    value: Interactions, *, explicit: bool, name: str = "user_items", empty: bool = False
) -> sp.csr_matrix:
    """Return a clean float32 CSR matrix with sorted rows, or raise.

    Implicit input loses stored zeros and becomes binary; explicit input keeps its values. A pair
    stored twice is an error for ratings and counts once otherwise.
    """
    given: Any = value
    if hasattr(value, "user_items") and not sp.issparse(value):  # a Dataset
        ratings = getattr(value, "ratings", None)
        given = ratings if explicit and ratings is not None else value.user_items
    if not sp.issparse(given):
        raise TypeError(
            f"{name} must be a scipy.sparse CSR matrix or array (n_users, n_items), "
            f"got {type(given).__name__}"
        )
    if given.ndim != 2:
        raise ValueError(f"{name} must have two dimensions, got {given.ndim}")
    matrix = sp.csr_matrix(given, copy=True)
    check_real(matrix.dtype, name)
    if 0 in matrix.shape:
        raise ValueError(f"{name} must have at least one user and one item, got {matrix.shape}")
    if max(matrix.shape) >= 2**31:
        raise ValueError(f"{name} may have at most 2**31 - 1 rows and columns, got {matrix.shape}")
    _check_values(matrix, explicit=explicit, name=name)
    if not matrix.has_canonical_format:
        stored = matrix.nnz
        matrix.sum_duplicates()
        if explicit and matrix.nnz < stored:
            raise ValueError(f"{name} stores {stored - matrix.nnz} user-item pairs more than once")
    if not explicit:
        matrix.eliminate_zeros()
        matrix.data = np.ones(matrix.nnz, dtype=np.float32)
    if matrix.nnz == 0 and not empty:
        raise ValueError(f"{name} holds no interaction at all; nothing can be learnt from it")
    return matrix.astype(np.float32)


def as_held_out(
    value: Interactions, *, explicit: bool, name: str, shape: tuple[int, int], hint: str = ""
) -> sp.csr_matrix:
    """Held-out interactions of all users, perhaps none, beside training ones of ``shape``."""
    matrix = as_user_items(value, explicit=explicit, name=name, empty=True)
    if matrix.shape != shape:
        raise ValueError(
            f"{name} must have the shape of user_items {shape}, got {matrix.shape}{hint}"
        )
    return matrix


def as_new_rows(value: Interactions, n_columns: int, *, explicit: bool) -> sp.csr_matrix:
    """Interactions of rows to encode; they may be empty but must have ``n_columns`` columns."""
    matrix = as_user_items(value, explicit=explicit, name="interactions", empty=True)
    if matrix.shape[1] != n_columns:
        raise ValueError(
            f"interactions must have {n_columns} columns as in training, got {matrix.shape[1]}"
        )
    return matrix


def is_features(value: object, widths: list[int], n_columns: int) -> bool:
    """Whether rows to encode are features (views of ``widths``) and not interactions.

    Where the number of columns fits both they are interactions.
    """
    if isinstance(value, (list, tuple)):
        return True
    columns = getattr(value, "shape", (0, 0))[-1]
    return [columns] == widths and columns != n_columns


def _check_values(matrix: sp.csr_matrix, *, explicit: bool, name: str) -> None:
    axes = ("user", "item")
    refuse(matrix, ~np.isfinite(matrix.data), name, "NaN or infinite", axes)
    if not explicit:
        refuse(matrix, matrix.data < 0, name, "negative", axes)
