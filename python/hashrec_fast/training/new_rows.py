# SPDX-License-Identifier: Apache-2.0
"""Codes or factors of new rows for models that followed gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.new_rows import codes_of_new_rows
from hashrec_fast.solvers.observed import normal_equations
from hashrec_fast.training.linear_rows import linear_codes

# Where the observed pairs are all alike, the others are taken for dislikes of little weight, chosen
# on the validation pairs of ML-100K. Codes of items want more of it, as they must say how popular
# an item is; real rows have their lengths for that.
CODES_REST = {"user": 0.01, "item": 0.05}
FACTORS_REST = 0.1
RIDGE = 3.0  # times the mean squared length of the other side's rows


def encode_rows(
    rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
) -> NDArray[Any]:
    """Codes uint64 or real rows float32, each a function of its row alone."""
    if side in terms.tower.row_sides():
        arrays = {k[6:]: v for k, v in fitted.arrays.items() if k.startswith("tower_")}
        real: NDArray[np.float32] = terms.tower.encode_rows(rows, side, arrays)
        return real
    other = fitted.item if side == "user" else fitted.user
    scale = RatingScale.from_facts(fitted.facts)
    graded = scale.high > scale.low
    linear = terms.similarity.linear(fitted, side, context.n_bits)
    if linear is not None:
        rest = 0.0 if graded else CODES_REST[side]
        targets = scale.targets(rows, context.n_bits)
        return linear_codes(
            rows, targets, *linear, rest_weight=rest, rest_target=-float(context.n_bits)
        )
    if other.dtype == np.uint64:
        rest = 0.0 if graded else CODES_REST[side]
        return _codes(rows, other, scale, rest, context)
    rest = 0.0 if graded else FACTORS_REST
    factors = _factors(rows, other.astype(np.float64), scale.targets(rows, 1), rest)
    return np.asarray(terms.similarity.exported(factors), dtype=np.float32)


def _codes(
    rows: sp.csr_matrix,
    other: NDArray[np.uint64],
    scale: RatingScale,
    rest: float,
    context: FitContext,
) -> NDArray[np.uint64]:
    """Least squares of the scores, bit by bit; unobserved pairs weigh little."""
    n_bits = context.n_bits
    targets = scale.targets(rows, n_bits)
    data_term = WeightedPairs(rows, targets, n_bits, rest_weight=rest, rest_target=-1.0)
    threads = context.num_threads
    return codes_of_new_rows(
        data_term, rows.shape[0], other, sweeps=50, rounds=1, num_threads=threads
    )


def _factors(
    rows: sp.csr_matrix,
    other: NDArray[np.float64],
    targets: NDArray[np.float64],
    rest: float,
) -> NDArray[np.float64]:
    """Ridge regression of targets in [-1, 1] on the other side's factors."""
    ridge = RIDGE * np.square(other).sum(1).mean() + 1e-6  # of zeros too
    shared = rest * (other.T @ other) + ridge * np.eye(other.shape[1])
    result = np.zeros((rows.shape[0], other.shape[1]))
    for block in normal_equations(rows, targets, other):
        left = shared + (1 - rest) * block.gram
        result[block.rows] = np.linalg.solve(left, block.linear[:, :, None])[:, :, 0]
    return result
