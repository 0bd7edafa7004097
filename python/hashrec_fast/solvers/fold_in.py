# SPDX-License-Identifier: Apache-2.0
"""Codes of new rows with the other side fixed, by the same passes that trained the model."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution
from hashrec_fast.kernels.row_terms import SharedTerms
from hashrec_fast.kernels.rows import RowPass, row_pass
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.hinge import UNIT, classes_of, make_hinge
from hashrec_fast.solvers.state import SignState, padded_width
from hashrec_fast.solvers.whole_data import Schedule, WholeDataLoss


def fold_in_whole_data(
    rows: sp.csr_matrix,
    side: str,
    fitted: Solution,
    schedule: Schedule,
    context: FitContext,
) -> NDArray[np.uint64]:
    """Codes of new users (rows over items) or new items (rows over users).

    Every row starts from zero and is annealed on its own, so the result does not depend on the
    other rows of the call nor on a seed. New rows have no soft positives: the teacher is not
    kept after training.
    """
    n_bits = context.n_bits
    loss = WholeDataLoss(**fitted.facts["loss"])
    rest_weight = float(fitted.facts["rest_weight"])
    target = loss.rest_target * n_bits
    if side == "user":
        other = SignState.from_codes(fitted.item, n_bits)
        activity = np.maximum(np.diff(rows.indptr), 1).astype(np.float64)
        weight = activity**loss.user_power / float(fitted.facts["mean_activity"])
        row_scale = np.maximum(np.rint(weight / UNIT), 1) * UNIT
        other_weight, classes = None, None
        rest = np.repeat(row_scale, np.diff(rows.indptr)) * rest_weight
    else:
        other = SignState.from_codes(fitted.user, n_bits)
        other_weight = fitted.arrays["user_weight"]
        row_scale, classes = None, classes_of(other_weight)
        rest = other_weight[rows.indices] * rest_weight
    quad = 1.0 - rest
    entries, _ = both_orders(rows, quad, loss.target * n_bits - rest * target)
    own = SignState(np.zeros((rows.shape[0], padded_width(n_bits)), dtype=np.int16), n_bits)
    for r, temperature in enumerate(fold_in_temperatures(schedule)):
        step = RowPass(
            entries=entries,
            shared=SharedTerms(
                quad=rest_weight * other.gram(other_weight),
                linear=rest_weight * target * other.total(other_weight),
                row_scale=row_scale,
            ),
            hinge=make_hinge(other.codes(), classes, n_bits, loss.hinge_weight, loss.hinge_margin)
            if loss.hinge_weight > 0 and r > 0
            else None,
            temperature=temperature,
            sweeps=schedule.sweeps,
            num_threads=context.num_threads,
        )
        row_pass(own.values, n_bits, other.values, step)
    return own.codes()


def fold_in_temperatures(schedule: Schedule) -> list[float]:
    """The training temperatures below one, or three hard rounds where training was hard."""
    soft = [t for t in schedule.temperatures() if 0 < t < 1]
    return [*soft, 0.0, 0.0, 0.0]
