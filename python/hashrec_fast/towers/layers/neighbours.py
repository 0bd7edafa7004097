# SPDX-License-Identifier: Apache-2.0
"""Neighbours of nodes, so many at a time or all of them; means and maxima over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor


class Neighbours(Module):
    """The links from the rows of a sparse matrix to its columns.

    Parameters
    ----------
    links : csr_matrix (n_rows, n_columns)
        Stored entries are links, whatever their values.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> Neighbours(sp.csr_matrix([[0, 1, 1], [0, 0, 0]])).degrees(torch.arange(2)).tolist()
    [2, 0]
    """

    indptr: Tensor
    indices: Tensor

    def __init__(self, links: sp.csr_matrix) -> None:
        super().__init__()
        ends = np.append(links.indices, 0).astype(np.int64)  # rows without links look up the zero
        starts = torch.from_numpy(links.indptr.astype(np.int64))
        self.register_buffer("indptr", starts, persistent=False)
        self.register_buffer("indices", torch.from_numpy(ends), persistent=False)

    def degrees(self, rows: Tensor) -> Tensor:
        """Number of links of each of ``rows``."""
        return self.indptr[rows + 1] - self.indptr[rows]

    def sample(self, rows: Tensor, k: int, generator: torch.Generator | None = None) -> Tensor:
        """``k`` neighbours of each row, without replacement where there are as many, else with.

        Every set of ``k`` is as likely as any other (Floyd's algorithm, on all rows at once).

        Parameters
        ----------
        rows : int64 tensor (n,)
        k : int
        generator : torch.Generator, optional
            Torch's global one without.

        Returns
        -------
        int64 tensor (n, k)
            Columns; of a row without links a column that means nothing.
        """
        degrees = self.degrees(rows)[:, None]
        shape = (len(rows), k)
        draws = torch.rand(shape, dtype=torch.float64, device=rows.device, generator=generator)
        picks = (draws * degrees).long()
        enough = degrees[:, 0] >= k
        for t in range(k):
            last = degrees[:, 0] - k + t
            pick = (draws[:, t] * (last + 1)).long()
            taken = (picks[:, :t] == pick[:, None]).any(dim=1)
            picks[:, t] = torch.where(enough, torch.where(taken, last, pick), picks[:, t])
        return self.indices[self.indptr[rows][:, None] + picks]

    def pooled(self, columns: Tensor, kind: str) -> Tensor:
        """Mean or maximum of ``columns`` (n_columns, d) over all neighbours; zeros for none."""
        return functional.embedding_bag(self.indices[:-1], columns, self.indptr[:-1], mode=kind)


def pooled(places: Tensor, columns: Tensor, degrees: Tensor, kind: str) -> Tensor:
    """Mean or maximum of rows of ``columns`` over drawn neighbours.

    Parameters
    ----------
    places : int64 tensor (n, k)
        Which rows of ``columns`` were drawn.
    columns : tensor (n_columns, d)
    degrees : int64 tensor (n,)
        Rows of 0 get zeros.
    kind : {"mean", "max"}
    """
    return functional.embedding_bag(places, columns, mode=kind) * (degrees > 0)[:, None]
