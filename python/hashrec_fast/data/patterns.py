# SPDX-License-Identifier: Apache-2.0
"""CSR matrices that share one sparsity pattern, stored zeros included."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, issparse

Matrix = TypeVar("Matrix", csr_matrix, csr_array)


def mask_csr(matrix: Matrix, mask: NDArray[np.bool_]) -> Matrix:
    """Keep the stored entries of a CSR matrix where ``mask`` is true, stored zeros included."""
    indptr = np.concatenate(([0], np.cumsum(mask)))[matrix.indptr]
    result = type(matrix)((matrix.data[mask], matrix.indices[mask], indptr), shape=matrix.shape)
    result.has_canonical_format = bool(matrix.has_canonical_format)
    return result


def with_data(base: csr_matrix, data: NDArray[Any]) -> csr_matrix:
    """Put other values on the pattern of ``base``."""
    # indices are shared: nothing in the package changes a pattern in place
    matrix = csr_matrix((data, base.indices, base.indptr), shape=base.shape)
    matrix.has_canonical_format = True
    return matrix


def same_pattern(base: Any, other: Any) -> bool:
    """Whether ``other`` is a CSR matrix that stores the very same entries as ``base``."""
    return bool(
        issparse(other)
        and other.format == "csr"
        and other.shape == base.shape
        and (other.indptr is base.indptr or np.array_equal(other.indptr, base.indptr))
        and (other.indices is base.indices or np.array_equal(other.indices, base.indices))
    )
