# SPDX-License-Identifier: Apache-2.0
"""Real-valued matrix factorisation of the observed pairs, whose factors are anchors of codes."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext
from hashrec_fast.kernels.factors import RidgePass, ridge_pass
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.factors import random_rows


def real_factors(
    user_items: sp.csr_matrix,
    scale: RatingScale,
    n_factors: int,
    context: FitContext,
    *,
    reg: float,
    rounds: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minimise ``sum_O (y - p'q)^2 + reg (|O_u| |p|^2 + |O_i| |q|^2)`` with ``y`` in [-1, 1].

    Alternating least squares on the compiled core, the same for any number of threads.

    Returns
    -------
    users, items : float64 (n_users, n_factors), (n_items, n_factors)
        Rows without ratings are zero.
    """
    by_side = both_orders(user_items, None, scale.targets(user_items, 1))
    factors = [random_rows(n_rows, n_factors, context.rng) for n_rows in user_items.shape]
    for _ in range(rounds):
        for own, entries in enumerate(by_side):
            lengths = np.diff(entries.indptr)
            step = RidgePass(
                entries=entries.lists,
                with_gram=False,
                quad=1.0,
                lin=entries.linear.astype(np.float32),
                row_reg=np.maximum(reg * lengths, 1e-3).astype(np.float32),
                steps=min(n_factors, 10),
                num_threads=context.num_threads,
            )
            ridge_pass(factors[own], factors[1 - own], step)
    users, items = (x[:, :n_factors].astype(np.float64) for x in factors)
    for x, entries in zip((users, items), by_side, strict=True):
        x[np.diff(entries.indptr) == 0] = 0
    return users, items
