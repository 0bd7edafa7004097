# SPDX-License-Identifier: Apache-2.0
"""Value of linear terms at given codes, to check that a pass did not raise the objective."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import RowLinear


def linear_value(linear: RowLinear, start: NDArray[np.int16], values: NDArray[np.int16]) -> float:
    """Sum ``sum_r a_r'x_r`` at the codes ``values``, the terms made for the codes ``start``."""
    total = 0.0
    rows = values / 256.0
    if linear.rows is not None:
        total += float((linear.rows * rows).sum())
    if linear.delegate is not None:
        pull = (start / 256.0 - linear.delegate.mean) @ linear.delegate.matrix
        total += float((pull * rows).sum())
    return total
