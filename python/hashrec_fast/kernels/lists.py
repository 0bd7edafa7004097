# SPDX-License-Identifier: Apache-2.0
"""Lists of row ids in CSR form, as the compiled kernels take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core

RowLists = tuple[NDArray[np.int64], NDArray[np.int32]]
"""``(indptr, indices)`` of a CSR matrix whose rows hold strictly ascending column ids."""


def lists_rise(lists: RowLists, n_rows: int) -> bool:
    """Whether lists can be used as they are: offsets rise from 0, ids exist and rise strictly.

    Parameters
    ----------
    lists : pair of ndarray (int64 (n_lists + 1,), int32 (n_entries,))
        C-contiguous.
    n_rows : int
        Ids must lie in [0, n_rows).

    Raises
    ------
    TypeError
        If a part is no array.
    ValueError
        If dtype or memory order of a part are wrong.

    Examples
    --------
    >>> lists_rise((np.array([0, 2, 3]), np.array([0, 4, 1], np.int32)), 5)
    True
    >>> lists_rise((np.array([0, 2, 3]), np.array([4, 0, 1], np.int32)), 5)
    False
    """
    return _core.lists_rise(*lists, n_rows)
