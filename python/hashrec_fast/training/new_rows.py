# SPDX-License-Identifier: Apache-2.0
"""Codes or factors of new rows for models that followed gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.solvers.context import FitContext, Fitted, RecipeTerms
from hashrec_fast.solvers.fits.entries import EntryFit
from hashrec_fast.solvers.fits.targets import RatingScale
from hashrec_fast.solvers.state import SignState, padded_width
from hashrec_fast.training.linear_rows import linear_codes

REST_WEIGHT = 0.02
"""Of a pair that is not observed, where the observed ones are all alike."""


def encode_rows(
    rows: sp.csr_matrix, side: str, fitted: Fitted, terms: RecipeTerms, context: FitContext
) -> NDArray[Any]:
    """Codes uint64 or real rows float32, each a function of its row alone."""
    if side in terms.tower.row_sides():
        arrays = {k[6:]: v for k, v in fitted.arrays.items() if k.startswith("tower_")}
        real: NDArray[np.float32] = terms.tower.encode_rows(rows, side, arrays)
        return real
    other = fitted.item if side == "user" else fitted.user
    scale = RatingScale.from_facts(fitted.facts)
    linear = terms.similarity.linear(fitted, side, context.n_bits)
    if linear is not None:
        rest = 0.0 if scale.high > scale.low else REST_WEIGHT
        targets = scale.targets(rows, context.n_bits)
        return linear_codes(
            rows, targets, *linear, rest_weight=rest, rest_target=-float(context.n_bits)
        )
    if other.dtype == np.uint64:
        return _codes(rows, other, scale, context)
    return _factors(rows, other, scale)


def _codes(
    rows: sp.csr_matrix, other: NDArray[np.uint64], scale: RatingScale, context: FitContext
) -> NDArray[np.uint64]:
    """Least squares of the scores, bit by bit; unobserved pairs weigh little."""
    n_bits, implicit = context.n_bits, not scale.high > scale.low
    fit = EntryFit(
        rows,
        scale.targets(rows, n_bits),
        n_bits,
        rest_weight=REST_WEIGHT if implicit else 0.0,
        rest_target=-1.0,
    )
    own = SignState(np.zeros((rows.shape[0], padded_width(n_bits)), dtype=np.int16), n_bits)
    own.values[:, :n_bits] = 256  # a fixed start makes the code a function of its row alone
    states = {"user": own, "item": SignState.from_codes(other, n_bits)}
    fit.half("user", states, {}, sweeps=50, num_threads=context.num_threads)
    return own.codes()


def _factors(
    rows: sp.csr_matrix, other: NDArray[np.float32], scale: RatingScale
) -> NDArray[np.float32]:
    """Ridge regression of targets in [-1, 1] on the other side's factors."""
    targets = sp.csr_matrix(rows, dtype=np.float64, copy=True)
    targets.data = scale.targets(rows, 1)
    factors = other.astype(np.float64)
    rest = REST_WEIGHT if not scale.high > scale.low else 0.0
    gram = factors.T @ factors * rest + np.eye(factors.shape[1])
    result = np.zeros((rows.shape[0], factors.shape[1]), dtype=np.float32)
    for r in range(rows.shape[0]):
        part = slice(targets.indptr[r], targets.indptr[r + 1])
        seen = factors[targets.indices[part]]
        right = seen.T @ targets.data[part]
        result[r] = np.linalg.solve(gram + (1 - rest) * seen.T @ seen, right)
    return result
