# SPDX-License-Identifier: Apache-2.0
"""Rows of sparse matrices as padded lists of their entries, newest first where there are times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.towers.lazy_torch import Module, torch

if TYPE_CHECKING:
    from torch import Tensor


class PaddedRows(Module):
    """Some entries of every row: columns, values and whether they are there.

    Attributes
    ----------
    columns, values : int64 tensors (n_rows, length)
    there : bool tensor (n_rows, length)
    """

    columns: Tensor
    values: Tensor
    there: Tensor

    def __init__(
        self,
        matrix: sp.csr_matrix,
        length: int,
        values: NDArray[np.int64],
        times: NDArray[np.float64] | None = None,
    ) -> None:
        super().__init__()
        counts = np.diff(matrix.indptr).astype(np.int64)
        length = max(1, min(length, int(counts.max(initial=1))))
        rows = np.repeat(np.arange(matrix.shape[0]), counts)
        order = np.arange(matrix.nnz) if times is None else np.lexsort((-times, rows))
        kept = np.minimum(counts, length)
        places = np.arange(length)
        there = places < kept[:, None]
        # without times an even sample of the row, with times the first ones
        step = np.maximum(counts, 1) / np.maximum(kept, 1) if times is None else np.ones(len(kept))
        inside = (places * step[:, None]).astype(np.int64)
        entries = np.where(there, matrix.indptr[:-1, None] + inside, 0)
        chosen = order[entries] if matrix.nnz else entries
        columns = matrix.indices[chosen] if matrix.nnz else np.zeros_like(entries)
        picked = values[chosen] if matrix.nnz else np.zeros_like(entries)
        arrays = {"columns": columns.astype(np.int64), "values": picked, "there": there}
        for name, array in arrays.items():
            tensor = torch.from_numpy(np.where(there, array, 0).astype(array.dtype))
            self.register_buffer(name, tensor, persistent=False)


def levels_of(values: NDArray[np.floating], most: int) -> tuple[NDArray[np.int64], int]:
    """Number of each value among the distinct ones, or its quantile where they are too many."""
    distinct = np.unique(values)
    if len(distinct) > most:
        distinct = np.unique(np.quantile(values, np.arange(most) / most))
    found = np.searchsorted(distinct, values, side="right") - 1
    return np.maximum(found, 0).astype(np.int64), max(1, len(distinct))
