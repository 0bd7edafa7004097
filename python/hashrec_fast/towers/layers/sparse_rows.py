# SPDX-License-Identifier: Apache-2.0
"""Rows of a sparse feature matrix as the first layer of a network: nothing is made dense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor


class SparseRows(Module):
    """A CSR matrix on the network's device, not part of its state.

    Parameters
    ----------
    matrix : sparse matrix (n_rows, n_columns)
    """

    indptr: Tensor
    indices: Tensor
    values: Tensor

    def __init__(self, matrix: sp.spmatrix) -> None:
        super().__init__()
        csr = sp.csr_matrix(matrix)
        self.shape = csr.shape
        arrays = {
            "indptr": csr.indptr.astype(np.int64),
            "indices": csr.indices.astype(np.int64),
            "values": csr.data.astype(np.float32),
        }
        for name, array in arrays.items():
            self.register_buffer(name, torch.from_numpy(array), persistent=False)

    def take(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Columns and values of some rows, one row after another, and where each begins.

        Parameters
        ----------
        rows : int64 tensor (n,)

        Returns
        -------
        columns : int64 (nnz,)
        values : float32 (nnz,)
        offsets : int64 (n + 1,)
        """
        counts = self.indptr[rows + 1] - self.indptr[rows]
        offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        shift = torch.repeat_interleave(self.indptr[rows] - offsets[:-1], counts)
        places = torch.arange(len(shift), device=rows.device) + shift
        return self.indices[places], self.values[places], offsets

    def times(self, rows: Tensor, weight: Tensor, column_weight: Tensor | None = None) -> Tensor:
        """Product ``X[rows] diag(column_weight) weight``, (n, width), with gradients of weights."""
        columns, values, offsets = self.take(rows)
        if column_weight is not None:
            values = values * column_weight[columns]
        return functional.embedding_bag(
            columns,
            weight,
            offsets,
            mode="sum",
            per_sample_weights=values,
            include_last_offset=True,
        )


def glorot(n_in: int, n_out: int) -> torch.nn.Parameter:
    """Parameter (n_in, n_out), uniform within ``sqrt(6 / (n_in + n_out))``."""
    bound = float(np.sqrt(6 / (n_in + n_out)))
    return torch.nn.Parameter(torch.empty(n_in, n_out).uniform_(-bound, bound))
