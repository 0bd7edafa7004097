# SPDX-License-Identifier: Apache-2.0
"""Weighted pairs in row and column order, with weights rounded so that sums are exact."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import EntryLists


def dyadic_bits(longest_row: int, largest_weight: float) -> int:
    """Fraction bits that weights may have so that every sum in the kernels stays exact.

    A product of two states has 16 fraction bits and a double 53 digits, so what is left after
    the bits of the largest possible sum goes to the weights.
    """
    bound = max(1.0, longest_row * max(largest_weight, 1e-30))
    return int(np.clip(52 - 16 - np.ceil(np.log2(bound)), 4, 20))


def round_dyadic(values: NDArray[np.float64], bits: int) -> NDArray[np.float64]:
    """Round to multiples of ``2**-bits``."""
    return np.rint(values * 2.0**bits) / 2.0**bits


def both_orders(
    pairs: sp.csr_matrix, quad: NDArray[np.float64] | None, linear: NDArray[np.float64]
) -> tuple[EntryLists, EntryLists]:
    """Entry lists by row and by column of one sparse pattern with weights in row order."""
    n_rows, n_columns = pairs.shape
    indptr = pairs.indptr.astype(np.int64)
    indices = pairs.indices.astype(np.int32)
    longest = int(np.diff(indptr).max(initial=0))
    order = np.argsort(indices, kind="stable")
    column_counts = np.bincount(indices, minlength=n_columns)
    longest = max(longest, int(column_counts.max(initial=0)))
    if quad is not None:
        quad = round_dyadic(quad, dyadic_bits(longest, float(np.abs(quad).max(initial=0))))
    linear = round_dyadic(linear, dyadic_bits(longest, float(np.abs(linear).max(initial=0))))
    rows = np.repeat(np.arange(n_rows, dtype=np.int32), np.diff(indptr))
    column_indptr = np.concatenate([[0], np.cumsum(column_counts)]).astype(np.int64)
    by_row = EntryLists(indptr, indices, quad, linear)
    by_column = EntryLists(
        column_indptr, rows[order], None if quad is None else quad[order], linear[order]
    )
    return by_row, by_column
