# SPDX-License-Identifier: Apache-2.0
"""The squared hinge on pairs inside a small Hamming ball: nothing outside it is visited."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.kernels.lists import RowLists


class Hinge(NamedTuple):
    """Hinge ``weight * sum of c * max(0, s - bound)^2`` over other rows outside a row's entries.

    The other side's rows come in classes of equal weight ``c``, so that integers are summed.

    Attributes
    ----------
    codes : uint64 (n_other, n_words)
        The other side's codes, rows of one class next to one another.
    position : int32 (n_other,)
        Place in ``codes`` of each row of the other side.
    class_begin : int64 (n_classes + 1,)
        Where each class begins in ``codes``, from 0 to ``n_other``.
    class_weight : int64 (n_classes,)
        Weight of each class in multiples of ``unit``.
    unit : float
    max_distance : int
        The largest distance at which a score ``s`` is above or at the bound.
    weight : float
        Weight of the whole sum; ``row_scale`` of a pass multiplies it.
    bound : float
        The score at ``max_distance``.
    """

    codes: NDArray[np.uint64]
    position: NDArray[np.int32]
    class_begin: NDArray[np.int64]
    class_weight: NDArray[np.int64]
    unit: float
    max_distance: int
    weight: float
    bound: float


def hinge_loss(
    codes: NDArray[np.uint64],
    other: NDArray[np.uint64],
    entries: RowLists,
    n_bits: int,
    *,
    max_distance: int,
    num_threads: int = 0,
) -> NDArray[np.int64]:
    """Sums of ``(s - bound)^2`` over the other rows within ``max_distance``, entries left out.

    Parameters
    ----------
    codes : ndarray of uint64, shape (n_rows, n_words)
    other : ndarray of uint64, shape (n_other, n_words)
        Packed codes, padding bits zero.
    entries : pair of ndarray (int64 (n_rows + 1,), int32 (n_entries,))
        Rows of ``other`` that do not count for a row.
    n_bits : int
    max_distance : int
        The bound is the score there, ``n_bits - 2 * max_distance``.
    num_threads : int
        Threads to use, 0 = all.

    Returns
    -------
    ndarray of int64, shape (n_rows,)

    Raises
    ------
    TypeError
        If an argument is no array.
    ValueError
        If dtype, shape or memory order of an array are wrong, or an id is out of range.

    Examples
    --------
    >>> codes, other = np.array([[0]], np.uint64), np.array([[0], [1], [7]], np.uint64)
    >>> nothing = np.array([0, 0]), np.zeros(0, np.int32)
    >>> hinge_loss(codes, other, nothing, 8, max_distance=1)
    array([4])
    """
    return _core.hinge_loss(codes, other, *entries, n_bits, max_distance, num_threads)
