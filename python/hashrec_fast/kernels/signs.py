# SPDX-License-Identifier: Apache-2.0
"""Sums over the signs of one side, by counting bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast import _core


def sign_moments(
    values: NDArray[np.int16], n_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Sums of ``z z'`` and of ``z`` over rows of signs.

    Parameters
    ----------
    values : ndarray of int16, shape (n_rows, width)
        Signs times 256, C-contiguous; ``width`` is ``n_bits`` rounded up to 8.
    n_bits : int

    Returns
    -------
    gram : ndarray of int64, shape (n_bits, n_bits)
    total : ndarray of int64, shape (n_bits,)
        Both ``None`` together, as one ``None``, where any value is no sign.

    Raises
    ------
    TypeError
        If ``values`` is no array.
    ValueError
        If its dtype, shape or memory order are wrong.

    Examples
    --------
    >>> values = np.zeros((2, 8), np.int16)
    >>> values[:, :2] = [[256, 256], [256, -256]]
    >>> sign_moments(values, 2)
    (array([[2, 0],
           [0, 2]]), array([2, 0]))
    """
    return _core.sign_moments(values, n_bits)
