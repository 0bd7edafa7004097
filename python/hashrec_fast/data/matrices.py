# SPDX-License-Identifier: Apache-2.0
"""Matrices of side information: numbers, finite, in float64 CSR, errors that name the place."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.types import FeaturesInput, MatrixInput


def as_views(
    value: FeaturesInput, name: str, *, n_rows: int | None = None, rows: str = "row"
) -> tuple[sp.csr_matrix, ...]:
    """One feature matrix or a sequence of them (views) as float64 CSR matrices."""
    views = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if not views:
        raise ValueError(f"{name} must hold at least one matrix, got an empty sequence")
    found = []
    for i, view in enumerate(views):
        label = f"{name}[{i}]" if len(views) > 1 else name
        matrix = as_matrix(view, label)
        if n_rows is not None and matrix.shape[0] != n_rows:
            raise ValueError(
                f"{label} must have {n_rows} rows (one per {rows}), got {matrix.shape[0]}"
            )
        if matrix.shape[1] == 0:
            raise ValueError(f"{label} must have at least one column, got shape {matrix.shape}")
        found.append(matrix)
    return tuple(found)


def as_matrix(value: MatrixInput, name: str) -> sp.csr_matrix:
    """A float64 CSR copy without duplicates, or ``TypeError``/``ValueError``."""
    if isinstance(value, np.ndarray):
        if value.ndim != 2:
            raise ValueError(f"{name} must have two dimensions, got {value.ndim}")
    elif not sp.issparse(value):
        raise TypeError(
            f"{name} must be a scipy.sparse or numpy matrix, got {type(value).__name__}"
        )
    check_real(value.dtype, name)
    matrix = sp.csr_matrix(value, dtype=np.float64, copy=True)
    matrix.sum_duplicates()
    refuse(matrix, ~np.isfinite(matrix.data), name, "NaN or infinite")
    return matrix


def check_real(dtype: np.dtype, name: str) -> None:
    """Raise where a matrix cannot hold real numbers; the words are scikit-learn's for complex."""
    if np.issubdtype(dtype, np.complexfloating):
        raise ValueError(f"Complex data not supported: {name} must be real, got {dtype}")
    if not (np.issubdtype(dtype, np.number) or np.issubdtype(dtype, np.bool_)):
        raise TypeError(f"{name} must hold numbers, got {dtype}")


def refuse(
    matrix: sp.csr_matrix,
    bad: NDArray[np.bool_],
    name: str,
    what: str,
    axes: tuple[str, str] = ("row", "column"),
) -> None:
    """Raise ``ValueError`` with the first entry whose value is ``bad`` (bool per entry)."""
    if bad.any():
        entry = int(np.flatnonzero(bad)[0])
        row = int(np.searchsorted(matrix.indptr, entry, side="right")) - 1
        raise ValueError(
            f"{name} holds a {what} value {float(matrix.data[entry])!r} at {axes[0]} {row}, "
            f"{axes[1]} {int(matrix.indices[entry])}"
        )


def as_binary(
    value: MatrixInput, name: str, shape: tuple[int, int | None], meaning: str
) -> sp.csr_matrix:
    """A matrix of ones where entries are above zero; ``shape`` may leave the columns open."""
    matrix = as_matrix(value, name)
    if matrix.shape[0] != shape[0] or shape[1] not in (None, matrix.shape[1]):
        wanted = f"({shape[0]}, {'any' if shape[1] is None else shape[1]})"
        raise ValueError(f"{name} must be of shape {wanted}, {meaning}, got {matrix.shape}")
    refuse(matrix, matrix.data < 0, name, "negative")
    matrix.eliminate_zeros()
    matrix.data[:] = 1
    return matrix
