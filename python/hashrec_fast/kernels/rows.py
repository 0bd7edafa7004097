# SPDX-License-Identifier: Apache-2.0
"""One pass of bit-wise descent over the rows of a side, the other side held fixed.

Discrete coordinate descent (Zhang et al., "Discrete Collaborative Filtering", SIGIR 2016; survey
eqs. 35-44). Rows do not see one another, so codes are the same for every number of threads and, as
long as sums are exact, for every SIMD level and for both forms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.kernels.hinge import Hinge
from hashrec_fast.kernels.row_terms import (
    NO_LINEAR,
    NO_SHARED,
    EntryLists,
    RowLinear,
    SharedTerms,
)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class RowPass:
    """Pass over rows: what it minimises, and how.

    Attributes
    ----------
    entries : EntryLists
        What each row meets on the other side, with weights.
    shared : SharedTerms
        Quadratic and linear terms that all rows have in common.
    linear : RowLinear
        Linear term of each row.
    hinge : Hinge or None
        Squared hinge on the other rows near a row; Gram form only.
    temperature : float
        Above zero, bits take mean-field steps ``tanh(q / (temperature * mean diagonal))`` in place
        of signs; Gram form only.
    rows : int32 (n_visits,) or None
        The rows to visit; all of them without.
    block_bits : int
        Bits that a step chooses together by trying all their values, 1 to 12; Gram form only
        above 1.
    sweeps : int
        Most sweeps over the bits of a row, which ends at its first sweep without a change.
    num_threads : int
        Threads to use, 0 = all.
    """

    entries: EntryLists
    shared: SharedTerms = NO_SHARED
    linear: RowLinear = NO_LINEAR
    hinge: Hinge | None = None
    temperature: float = 0.0
    rows: NDArray[np.int32] | None = None
    block_bits: int = 1
    sweeps: int = 5
    num_threads: int = 0

    @property
    def needs_gram(self) -> bool:
        """Whether it asks for what the residual form cannot do."""
        return self.hinge is not None or self.temperature > 0 or self.block_bits > 1


def row_pass(
    own: NDArray[np.int16],
    n_bits: int,
    other: NDArray[np.int16],
    step: RowPass,
    *,
    other_codes: NDArray[np.uint64] | None = None,
) -> int:
    """One pass in *Gram form*, which makes the matrix of each row.

    Parameters
    ----------
    own : ndarray of int16, shape (n_rows, width)
        Values of the rows times 256, updated in place; ``width`` is ``n_bits`` rounded up to 8.
    n_bits : int
    other : ndarray of int16, shape (n_other, width)
        Values of the other side, which ``step.entries`` points into.
    step : RowPass
    other_codes : ndarray of uint64, shape (n_other, n_words)
        Packed signs of ``other``; wanted where the entries have no quadratic weights, since unit
        weights are summed by counting bits.

    Returns
    -------
    int
        Number of bits changed.

    Raises
    ------
    TypeError
        If an argument is no array where one is wanted.
    ValueError
        If an array has the wrong dtype, shape or memory order, an entry or a row is out of range,
        or ``block_bits`` is above 12.

    Examples
    --------
    >>> own, other = np.full((1, 8), 256, np.int16), np.full((1, 8), -256, np.int16)
    >>> lists = EntryLists(np.array([0, 1]), np.array([0], np.int32), np.ones(1), np.full(1, 8.0))
    >>> row_pass(own, 8, other, RowPass(entries=lists))
    8
    >>> own[0]
    array([-256, -256, -256, -256, -256, -256, -256, -256], dtype=int16)
    """
    entries, shared = step.entries, step.shared
    row_linear, matrix, mean = step.linear.parts()
    return _core.row_pass(
        own,
        n_bits,
        other,
        entries.indptr,
        entries.indices,
        entries.quad,
        entries.linear,
        other_codes=other_codes,
        rows=step.rows,
        base_quad=shared.quad,
        base_linear=shared.linear,
        row_scale=shared.row_scale,
        row_linear=row_linear,
        delegate_matrix=matrix,
        delegate_mean=mean,
        hinge=step.hinge,
        temperature=step.temperature,
        sweeps=step.sweeps,
        block_bits=step.block_bits,
        num_threads=step.num_threads,
    )


def residual_pass(
    own: NDArray[np.int16],
    n_bits: int,
    design: NDArray[np.uint64] | NDArray[np.float32],
    step: RowPass,
) -> int:
    """One pass in *residual form*, which keeps what each entry still lacks and sums it per bit.

    Over codes with dyadic weights the result is that of :func:`row_pass`; only this form takes a
    real-valued other side, whose sums round in one order at every SIMD level.

    Parameters
    ----------
    own : ndarray of int16, shape (n_rows, width)
        Signs of the rows times 256, updated in place.
    n_bits : int
    design : ndarray of uint64, shape (n_other, n_words), or of float32, shape (n_other, width)
        What ``step.entries`` points into: packed codes, or real vectors with zeros beyond
        ``n_bits``.
    step : RowPass
        Without hinge and temperature, bit by bit.

    Returns
    -------
    int
        Number of bits changed.

    Raises
    ------
    TypeError, ValueError
        As :func:`row_pass`; ``ValueError`` also if ``step`` needs the Gram form or visited rows
        hold anything but signs.

    Examples
    --------
    >>> own, design = np.full((1, 8), 256, np.int16), np.array([[0b1010]], np.uint64)
    >>> lists = EntryLists(np.array([0, 1]), np.array([0], np.int32), None, np.full(1, 8.0))
    >>> residual_pass(own, 8, design, RowPass(entries=lists))
    6
    """
    if step.needs_gram:
        raise ValueError("hinges, temperatures and blocks of bits need the Gram form")
    entries, shared = step.entries, step.shared
    row_linear, matrix, mean = step.linear.parts()
    return _core.residual_pass(
        own,
        n_bits,
        design,
        entries.indptr,
        entries.indices,
        entries.quad,
        entries.linear,
        rows=step.rows,
        base_quad=shared.quad,
        base_linear=shared.linear,
        row_scale=shared.row_scale,
        row_linear=row_linear,
        delegate_matrix=matrix,
        delegate_mean=mean,
        sweeps=step.sweeps,
        num_threads=step.num_threads,
    )
