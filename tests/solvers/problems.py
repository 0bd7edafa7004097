# SPDX-License-Identifier: Apache-2.0
"""Small random problems for the tests of solver parts."""

import numpy as np
import scipy.sparse as sp

from hashrec_fast.contracts import FitContext
from hashrec_fast.data.side_inputs import SideInfo


def ratings(seed=0, n_users=30, n_items=25, density=0.3):
    rng = np.random.default_rng(seed)
    matrix = sp.random(n_users, n_items, density, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    return matrix


def graph(n, density=0.1, seed=0):
    """Directed links; the last three users have none of either direction."""
    matrix = sp.random(n, n, density, format="lil", random_state=np.random.default_rng(seed))
    matrix.setdiag(0)
    matrix[-3:] = 0
    matrix[:, -3:] = 0
    matrix = sp.csr_matrix(matrix)
    matrix.eliminate_zeros()
    matrix.data[:] = 1
    matrix.sort_indices()
    return matrix


def context(n_bits, seed=0, num_threads=1, **side):
    return FitContext(n_bits, np.random.default_rng(seed), num_threads, side_info=SideInfo(**side))


def signs(state):
    return state.real()[:, : state.n_bits]


def each_flip(state):
    """Flip every bit of a state in turn, yielding its row and bit while it is flipped."""
    for row in range(len(state.values)):
        for bit in range(state.n_bits):
            state.values[row, bit] *= -1
            yield row, bit
            state.values[row, bit] *= -1
