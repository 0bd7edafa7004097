# SPDX-License-Identifier: Apache-2.0
"""One pass over the rows of a side, in whichever form is cheaper for each row.

The *Gram form* makes a row's matrix ``sum w z z'`` (or, with unit weights, counts the columns of
it that flips need), the *residual form* keeps what every entry still lacks and sums it per bit.
Over signs both give the same codes, so the choice changes nothing but time. A real-valued design
has no exact Gram form and is always solved by residuals.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.solvers.entries import EntryLists
from hashrec_fast.solvers.state import ONE, SignState

Form = Literal["auto", "gram", "residual"]

# Nanoseconds of a weighted row with n entries and f bits, fitted by hand to rows of 4-1024 entries
# at 8-256 bits (bench/bench_dcd.py, one thread of a Xeon with AVX-512; mean of a first pass over
# random codes and of a pass over settled ones). Only their ratio matters.
_GRAM = (60.0, 0.4, 8.0, 0.0185)  # 1, f^2, n, n f^2
_RESIDUAL = (18.0, 0.2)  # f, n f


def prefer_residual(lengths: NDArray[np.int64], n_bits: int) -> NDArray[np.bool_]:
    """Which weighted rows are cheaper in residual form, by number of entries."""
    n, f = lengths.astype(np.float64), float(n_bits)
    gram = _GRAM[0] + _GRAM[1] * f * f + n * (_GRAM[2] + _GRAM[3] * f * f)
    residual = f * (_RESIDUAL[0] + _RESIDUAL[1] * n)
    return np.asarray(residual < gram)


def rows_pass(
    own: SignState,
    other: SignState | NDArray[np.float32],
    entries: EntryLists,
    *,
    sweeps: int,
    num_threads: int = 0,
    block_bits: int = 1,
    form: Form = "auto",
    rows: NDArray[np.int32] | None = None,
    **terms: Any,
) -> int:
    """Minimise ``x'(sum w z z' + C)x - 2 (sum l z + a)'x`` over the signs of every row.

    Parameters
    ----------
    own : SignState
        Codes of the rows, updated in place.
    other : SignState, or float32 array of shape (n_design, width)
        What ``entries.indices`` point to: codes, or real vectors with zeros beyond ``n_bits``.
    entries : EntryLists
        Weights ``w`` (``quad``, ``None`` for one) and ``l`` (``linear``: weight times target).
    sweeps, num_threads, block_bits : int
        ``block_bits`` of 2 to 12 chooses so many bits together by trying all their values.
    form : {"auto", "gram", "residual"}
        ``"auto"`` picks by measured cost; unit weights take the Gram form, which counts bits.
    rows : int32 array, optional
        The rows to visit; all of them by default.
    **terms
        ``base_quad``, ``base_linear``, ``row_scale``, ``row_linear``, ``delegate_matrix`` and
        ``delegate_mean`` of the compiled pass.

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
    >>> from hashrec_fast.solvers.entries import EntryLists
    >>> users = SignState.from_signs(np.array([[1, -1], [-1, -1]]))
    >>> items = SignState.from_signs(np.array([[1, 1], [1, -1]]))
    >>> lists = EntryLists(np.array([0, 1, 2]), np.array([0, 1], np.int32), None, np.full(2, 2.0))
    >>> rows_pass(users, items, lists, sweeps=5)
    2
    >>> users.values[:, :2] // 256
    array([[ 1,  1],
           [ 1, -1]], dtype=int16)
    """
    step = {"sweeps": sweeps, "num_threads": num_threads, **terms}
    if not isinstance(other, SignState):
        if form == "gram" or block_bits > 1:
            raise ValueError("a real-valued design is solved by residuals, bit by bit")
        return _residual(own, other, entries, rows, step)
    if form == "residual" and block_bits > 1:
        raise ValueError("blocks of bits need the Gram form, got form='residual'")
    if form == "residual":
        return _residual(own, other.codes(), entries, rows, step)
    step["block_bits"] = block_bits
    if form == "gram" or block_bits > 1 or entries.quad is None:
        return _gram(own, other, entries, rows, step)
    lengths = np.diff(entries.indptr)
    visited = np.arange(len(lengths), dtype=np.int32) if rows is None else rows
    lean = prefer_residual(lengths[visited], own.n_bits)
    if not lean.any() or not (_holds_signs(other) and _holds_signs(own)):
        return _gram(own, other, entries, rows, step)
    changed = 0
    if not lean.all():
        changed += _gram(own, other, entries, np.ascontiguousarray(visited[~lean]), step)
        rows = np.ascontiguousarray(visited[lean])
    del step["block_bits"]
    return changed + _residual(own, other.codes(), entries, rows, step)


def _gram(
    own: SignState,
    other: SignState,
    entries: EntryLists,
    rows: NDArray[np.int32] | None,
    step: dict[str, Any],
) -> int:
    return _core.row_pass(
        own.values,
        own.n_bits,
        other.values,
        entries.indptr,
        entries.indices,
        entries.quad,
        entries.linear,
        other_codes=other.codes() if entries.quad is None else None,
        rows=rows,
        **step,
    )


def _residual(
    own: SignState,
    design: NDArray[np.uint64] | NDArray[np.float32],
    entries: EntryLists,
    rows: NDArray[np.int32] | None,
    step: dict[str, Any],
) -> int:
    return _core.residual_pass(
        own.values,
        own.n_bits,
        design,
        entries.indptr,
        entries.indices,
        entries.quad,
        entries.linear,
        rows=rows,
        **step,
    )


def _holds_signs(state: SignState) -> bool:
    values = state.values[:, : state.n_bits]
    return bool(((values == ONE) | (values == -ONE)).all())
