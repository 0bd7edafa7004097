# SPDX-License-Identifier: Apache-2.0
"""Numpy twin of the sparse product; naive on purpose."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray


def csr_times_dense(
    indptr: NDArray[np.integer[Any]],
    indices: NDArray[np.integer[Any]],
    values: NDArray[np.float32],
    dense: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Entry by entry in float32: each product rounded, then added, in the order of the row."""
    out = np.zeros((len(indptr) - 1, dense.shape[1]), np.float32)
    for row, (begin, end) in enumerate(pairwise(indptr)):
        for e in range(begin, end):
            out[row] += values[e] * dense[indices[e]]
    return out
