# SPDX-License-Identifier: Apache-2.0
"""One pass over the rows of a side, in whichever form is cheaper for each row.

The *Gram form* makes a row's matrix ``sum w z z'`` (or, with unit weights, counts the columns of
it that flips need), the *residual form* keeps what every entry still lacks and sums it per bit.
Over signs both give the same codes, so the choice changes nothing but time. A real-valued design
has no exact Gram form and is always solved by residuals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.rows import RowPass, residual_pass, row_pass
from hashrec_fast.solvers.state import ONE, SignState

Form = Literal["auto", "gram", "residual"]

# Nanoseconds of a weighted row with n entries and f bits, fitted by hand to rows of 4-1024 entries
# at 8-256 bits (bench/bench_dcd.py, one thread of a Xeon with AVX-512; mean of a first pass over
# random codes and of a pass over settled ones). Only their ratio matters.
_GRAM = (60.0, 0.4, 8.0, 0.0185)  # 1, f^2, n, n f^2
_RESIDUAL = (18.0, 0.2)  # f, n f


def prefer_residual(lengths: NDArray[np.int64], n_bits: int) -> NDArray[np.bool_]:
    """Mask of the weighted rows that are cheaper in residual form, by number of entries."""
    n, f = lengths.astype(np.float64), float(n_bits)
    gram = _GRAM[0] + _GRAM[1] * f * f + n * (_GRAM[2] + _GRAM[3] * f * f)
    residual = f * (_RESIDUAL[0] + _RESIDUAL[1] * n)
    return np.asarray(residual < gram)


def rows_pass(
    own: SignState,
    other: SignState | NDArray[np.float32],
    step: RowPass,
    *,
    form: Form = "auto",
) -> int:
    """Minimise over the signs of every row what ``step`` says.

    Parameters
    ----------
    own : SignState
        Codes of the rows, updated in place.
    other : SignState, or float32 array of shape (n_other, width)
        What ``step.entries`` point into: codes, or real vectors with zeros beyond ``n_bits``.
    step : RowPass
    form : {"auto", "gram", "residual"}
        ``"auto"`` picks by measured cost; unit weights take the Gram form, which counts bits, and
        so does what no residuals can do.

    Returns
    -------
    int
        Number of bits changed.

    Raises
    ------
    ValueError
        A form that cannot do what is asked: residuals over values that are no signs or with
        blocks of bits, a Gram matrix of a real-valued design.

    Examples
    --------
    >>> import numpy as np
    >>> from hashrec_fast.kernels.row_terms import EntryLists
    >>> users = SignState.from_signs(np.array([[1, -1], [-1, -1]]))
    >>> items = SignState.from_signs(np.array([[1, 1], [1, -1]]))
    >>> lists = EntryLists(np.array([0, 1, 2]), np.array([0, 1], np.int32), None, np.full(2, 2.0))
    >>> rows_pass(users, items, RowPass(entries=lists))
    2
    >>> users.values[:, :2] // 256
    array([[ 1,  1],
           [ 1, -1]], dtype=int16)
    """
    if not isinstance(other, SignState):
        if form == "gram":
            raise ValueError("a real-valued design has no exact Gram form")
        return residual_pass(own.values, own.n_bits, other, step)
    if form == "residual":
        return residual_pass(own.values, own.n_bits, other.codes(), step)
    if form == "gram" or step.needs_gram or step.entries.quad is None:
        return _gram(own, other, step)
    lengths = np.diff(step.entries.indptr)
    visited = np.arange(len(lengths), dtype=np.int32) if step.rows is None else step.rows
    lean = prefer_residual(lengths[visited], own.n_bits)
    if not lean.any() or not (_holds_signs(other) and _holds_signs(own)):
        return _gram(own, other, step)
    changed = 0
    if not lean.all():
        changed += _gram(own, other, replace(step, rows=np.ascontiguousarray(visited[~lean])))
        step = replace(step, rows=np.ascontiguousarray(visited[lean]))
    return changed + residual_pass(own.values, own.n_bits, other.codes(), step)


def _gram(own: SignState, other: SignState, step: RowPass) -> int:
    codes = other.codes() if step.entries.quad is None else None
    return row_pass(own.values, own.n_bits, other.values, step, other_codes=codes)


def _holds_signs(state: SignState) -> bool:
    values = state.values[:, : state.n_bits]
    return bool(((values == ONE) | (values == -ONE)).all())
