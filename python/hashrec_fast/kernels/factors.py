# SPDX-License-Identifier: Apache-2.0
"""Ridge regressions of rows of factors, and their exact top-k."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core
from hashrec_fast.kernels.lists import RowLists

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class RidgePass:
    """Pass of ridge regressions: what it minimises, and how.

    Row ``r`` solves ``(Y'Y + (reg + row_reg_r) I + sum_e quad_e y_e y_e') x = row_linear_r + sum_e
    lin_e y_e`` over its entries ``e``; implicit ALS (Hu, Koren and Volinsky, ICDM 2008) is
    ``quad = alpha``, ``lin = 1 + alpha``.

    Attributes
    ----------
    entries : pair of ndarray (int64 (n_rows + 1,), int32 (n_entries,))
        Rows of the other side, CSR, in any order.
    with_gram : bool
        Whether ``Y'Y`` over the whole other side is there.
    quad, lin : float, or float32 (n_entries,)
        One weight for all entries, or one for each.
    reg : float
    row_reg : float32 (n_rows,) or None
    row_linear : float32 (n_rows, width) or None
    steps : int
        Conjugate-gradient steps of a row, from where it stands.
    num_threads : int
        Threads to use, 0 = all; the result is the same for any number.
    """

    entries: RowLists
    with_gram: bool
    quad: float | Floats
    lin: float | Floats
    reg: float = 0.0
    row_reg: Floats | None = None
    row_linear: Floats | None = None
    steps: int = 3
    num_threads: int = 0


def ridge_pass(own: Floats, other: Floats, step: RidgePass) -> None:
    """Solve for all rows of one side, in place.

    Parameters
    ----------
    own : ndarray of float32, shape (n_rows, width)
        Where to start, then the solutions; ``width`` is a multiple of 16. Rows without entries
        become zero unless they have a linear term of their own.
    other : ndarray of float32, shape (n_other, width)
    step : RidgePass

    Raises
    ------
    TypeError
        If an argument is no array or number where one is wanted.
    ValueError
        If an array has the wrong dtype, shape or memory order, or an entry is out of range.

    Examples
    --------
    >>> own, other = np.zeros((1, 16), np.float32), np.eye(2, 16, dtype=np.float32)
    >>> lists = np.array([0, 1]), np.array([1], np.int32)
    >>> ridge_pass(own, other, RidgePass(entries=lists, with_gram=False, quad=1, lin=1, reg=1))
    >>> own[0, :2]
    array([0. , 0.5], dtype=float32)
    """
    _core.ridge_pass(
        own,
        other,
        *step.entries,
        use_gram=step.with_gram,
        quad=step.quad,
        lin=step.lin,
        reg=step.reg,
        row_reg=step.row_reg,
        row_linear=step.row_linear,
        steps=step.steps,
        num_threads=step.num_threads,
    )


def integer_topk(
    users: NDArray[np.int16],
    items: NDArray[np.int16],
    seen: RowLists,
    k: int,
    *,
    num_threads: int = 0,
) -> NDArray[np.int32]:
    """Top ``k`` unseen items by inner product of integers.

    Parameters
    ----------
    users : ndarray of int16, shape (n_users, width)
        ``width`` is even; scores must fit 32 bits.
    items : ndarray of int16, shape (n_items, width)
    seen : pair of ndarray (int64 (n_users + 1,), int32 (n_seen,))
        Items that are no candidates of a user, strictly ascending.
    k : int
    num_threads : int
        Threads to use, 0 = all.

    Returns
    -------
    ndarray of int32, shape (n_users, k)
        By (score, id), best first; -1 where there are fewer.

    Raises
    ------
    TypeError
        If an argument is no array.
    ValueError
        If an array has the wrong dtype, shape or memory order, or an id is out of range.

    Examples
    --------
    >>> users, items = np.array([[1, 2]], np.int16), np.array([[1, 0], [0, 1], [1, 1]], np.int16)
    >>> integer_topk(users, items, (np.array([0, 1]), np.array([2], np.int32)), 2)
    array([[1, 0]], dtype=int32)
    """
    return _core.factor_topk(users, items, *seen, k, num_threads)
