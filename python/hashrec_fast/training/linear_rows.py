# SPDX-License-Identifier: Apache-2.0
"""Codes of new rows whose scores are linear in their signs, but not a plain inner product."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.kernels.packing import pack

SWEEPS = 50  # far more than a row ever needs


def linear_codes(
    rows: sp.csr_matrix,
    targets: NDArray[np.float64],
    design: NDArray[np.float64],
    constant: NDArray[np.float64],
    *,
    rest_weight: float,
    rest_target: float,
) -> NDArray[np.uint64]:
    """Least squares of ``targets`` by signs ``x`` with scores ``design @ x + constant``.

    Parameters
    ----------
    rows : csr_matrix (n_new, n_other)
    targets : float64 (nnz,)
    design, constant : float64 (n_other, n_bits), (n_other,)
    rest_weight, rest_target : float
        Of pairs that are not stored.

    Returns
    -------
    uint64 (n_new, n_words)
        From the signs of a ridge regression, bit by bit, until no flip helps.
    """
    n_bits = design.shape[1]
    gram_all = rest_weight * design.T @ design
    pull_all = rest_weight * design.T @ (rest_target - constant)
    signs = np.empty((rows.shape[0], n_bits), dtype=np.int8)
    for r in range(rows.shape[0]):
        part = slice(rows.indptr[r], rows.indptr[r + 1])
        seen, fixed = design[rows.indices[part]], constant[rows.indices[part]]
        gram = gram_all + (1 - rest_weight) * seen.T @ seen
        wanted = targets[part] - fixed - rest_weight * (rest_target - fixed)
        signs[r] = _descend(gram, pull_all + seen.T @ wanted)
    return pack(signs)


def _descend(gram: NDArray[np.float64], pull: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signs that lower ``x'Gx - 2 p'x``, one bit at a time; a tie leaves the bit."""
    start = np.linalg.solve(gram + np.eye(len(pull)), pull)
    x = np.where(start >= 0, 1.0, -1.0)
    product = gram @ x
    for _ in range(SWEEPS):
        flipped = False
        for k in range(len(x)):
            force = pull[k] - product[k] + gram[k, k] * x[k]
            if force * x[k] < 0:
                product -= 2 * x[k] * gram[:, k]
                x[k] = -x[k]
                flipped = True
        if not flipped:
            break
    return x
