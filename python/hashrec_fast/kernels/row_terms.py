# SPDX-License-Identifier: Apache-2.0
"""The parts of what a pass over rows minimises, as the compiled passes take them.

Row ``u`` minimises ``x'(sum_e w_e z_e z_e' + s_u C) x - 2 (sum_e l_e z_e + s_u c + a_u)'x`` over
signs, where ``e`` runs over its entries and ``z_e`` is the code of the other side's row ``e``.
``width`` is ``n_bits`` rounded up to 8; what stands beyond ``n_bits`` is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.lists import RowLists

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class EntryLists:
    """CSR lists of one side's rows with a quadratic and a linear weight per entry.

    Attributes
    ----------
    indptr : int64 (n_rows + 1,)
    indices : int32 (nnz,), ascending in every row
    quad : float64 (nnz,) or None
        Weight ``w`` of ``z z'``; ``None`` stands for one.
    linear : float64 (nnz,)
        Weight ``l`` of ``z`` in the linear term: weight times target.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    quad: Doubles | None
    linear: Doubles

    @property
    def lists(self) -> RowLists:
        """The pattern without weights."""
        return self.indptr, self.indices


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class SharedTerms:
    """Terms that all rows have in common besides their entries, such as sums over a whole side.

    Attributes
    ----------
    quad : float64 (width, width) or None
        ``C``, symmetric.
    linear : float64 (width,) or None
        ``c``.
    row_scale : float64 (n_rows,) or None
        ``s``, one without; it multiplies the hinge as well.
    """

    quad: Doubles | None = None
    linear: Doubles | None = None
    row_scale: Doubles | None = None


class DelegateMap(NamedTuple):
    """The linear term ``matrix (x_u - mean)`` of every row ``x_u`` as it is when visited.

    Attributes
    ----------
    matrix : float64 (width, width)
    mean : float64 (width,)
    """

    matrix: Doubles
    mean: Doubles


@dataclass(frozen=True, eq=False, slots=True)
class RowLinear:
    """The linear term ``a_u`` of every row: given rows, a delegate map, their sum, or nothing.

    Attributes
    ----------
    rows : float64 (n_rows, width) or None
    delegate : DelegateMap or None

    Examples
    --------
    >>> total = RowLinear(np.ones((2, 8))) + RowLinear() + RowLinear(2 * np.ones((2, 8)))
    >>> total.rows[0]
    array([3., 3., 3., 3., 3., 3., 3., 3.])
    """

    rows: Doubles | None = None
    delegate: DelegateMap | None = None

    def __add__(self, other: RowLinear) -> RowLinear:
        """The sum; ``ValueError`` if both hold a delegate map, since a pass applies one."""
        if self.delegate is not None and other.delegate is not None:
            raise ValueError("two linear terms of one side are both delegate maps")
        if self.rows is not None and other.rows is not None:
            rows: Doubles | None = self.rows + other.rows
        else:
            rows = other.rows if self.rows is None else self.rows
        return RowLinear(
            None if rows is None else np.ascontiguousarray(rows), self.delegate or other.delegate
        )

    def scaled(self, factor: float) -> RowLinear:
        """The term times ``factor``; the mean of a delegate map is a place, not a weight."""
        return RowLinear(
            None if self.rows is None else factor * self.rows,
            None
            if self.delegate is None
            else DelegateMap(factor * self.delegate.matrix, self.delegate.mean),
        )

    def of_rows(self, rows: NDArray[np.intp] | slice) -> RowLinear:
        """The term of chosen rows."""
        if self.rows is None:
            return self
        return RowLinear(np.ascontiguousarray(self.rows[rows]), self.delegate)

    def parts(self) -> tuple[Doubles | None, Doubles | None, Doubles | None]:
        """Rows, matrix and mean, each possibly ``None``: the arguments of the compiled passes."""
        matrix, mean = (None, None) if self.delegate is None else self.delegate
        return self.rows, matrix, mean


NO_LINEAR = RowLinear()
NO_SHARED = SharedTerms()
