# SPDX-License-Identifier: Apache-2.0
"""Codes of rows never seen, the other side held fixed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.contracts import DataTerm
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.solvers.state import ONE, SignState, padded_width


def codes_of_new_rows(
    data_term: DataTerm,
    n_rows: int,
    other: NDArray[np.uint64],
    *,
    sweeps: int,
    rounds: int = 3,
    num_threads: int = 0,
) -> NDArray[np.uint64]:
    """Descend on the rows of ``data_term``, which stand in the place of users; no linear terms.

    All rows start from the same code, so that a row's code depends on nothing but the row.
    ``other`` are the packed codes of the other side, uint64 (n_other, n_words).
    """
    n_bits = data_term.n_bits
    own = SignState(np.zeros((n_rows, padded_width(n_bits)), dtype=np.int16), n_bits)
    own.values[:, :n_bits] = ONE
    states = {"user": own, "item": SignState.from_codes(other, n_bits)}
    for _ in range(rounds):
        data_term.refresh("user", states)
        if data_term.half("user", states, NO_LINEAR, sweeps=sweeps, num_threads=num_threads) == 0:
            break
    return own.codes()
