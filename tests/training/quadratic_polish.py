# SPDX-License-Identifier: Apache-2.0
"""Bit flips on quadratic row problems by the compiled solver, for comparison with paths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import EntryLists, RowLinear, SharedTerms
from hashrec_fast.kernels.rows import RowPass, row_pass
from hashrec_fast.solvers.state import SignState, padded_width


def polish_quadratic(
    quadratic: NDArray[np.float64],
    linear: NDArray[np.float64],
    signs: NDArray[np.generic],
    *,
    sweeps: int = 100,
    num_threads: int = 0,
) -> NDArray[np.int8]:
    """Bit flips on ``b'Ab - 2 g'b`` of every row by the compiled solver.

    Parameters
    ----------
    quadratic : float64 (n_bits, n_bits)
        ``A``, symmetric, the same for all rows.
    linear : float64 (n_rows, n_bits)
        ``g`` of every row.
    signs : (n_rows, n_bits)
        Where to start.
    sweeps : int
        Most sweeps over the bits of a row; a row ends at its first sweep without a flip.

    Returns
    -------
    int8 array (n_rows, n_bits)
        Never worse than ``signs`` in any row, and no single flip improves it by more than the
        solver's threshold.
    """
    n_rows, n_bits = linear.shape
    state = SignState.from_signs(signs)
    width = padded_width(n_bits)
    base_quad, row_linear = np.zeros((width, width)), np.zeros((n_rows, width))
    base_quad[:n_bits, :n_bits], row_linear[:, :n_bits] = quadratic, linear
    nothing = EntryLists(
        np.zeros(n_rows + 1, dtype=np.int64), np.zeros(0, dtype=np.int32), None, np.zeros(0)
    )
    step = RowPass(
        entries=nothing,
        shared=SharedTerms(quad=base_quad),
        linear=RowLinear(row_linear),
        sweeps=sweeps,
        num_threads=num_threads,
    )
    other = np.zeros((1, width), dtype=np.int16)
    codes = np.zeros((1, (n_bits + 63) // 64), dtype=np.uint64)
    row_pass(state.values, n_bits, other, step, other_codes=codes)
    return np.where(state.values[:, :n_bits] >= 0, 1, -1).astype(np.int8)
