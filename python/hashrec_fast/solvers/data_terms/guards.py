# SPDX-License-Identifier: Apache-2.0
"""What a fit needs to check that a pass did not raise the objective."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.solvers.alternation import RowTerms


def linear_value(linear: RowTerms, start: NDArray[np.int16], values: NDArray[np.int16]) -> float:
    """``sum_r a_r'x_r`` at the codes ``values``, the terms made for the codes ``start``."""
    total = 0.0
    rows = values / 256.0
    if "row_linear" in linear:
        total += float((linear["row_linear"] * rows).sum())
    if "delegate_matrix" in linear:
        pull = (start / 256.0 - linear["delegate_mean"]) @ linear["delegate_matrix"]
        total += float((pull * rows).sum())
    return total
