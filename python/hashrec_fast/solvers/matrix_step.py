# SPDX-License-Identifier: Apache-2.0
"""All bits of all rows in one matrix product (survey section III-B2, "ALM"; corrected).

Every row ``b`` minimises ``b'Mb - 2 b'g`` with the same symmetric ``M``. Discrete coordinate
descent ends lower, so these steps are for starts, or where one matrix product is all there is.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sign_step(
    signs: Floats, quad: Floats, linear: Floats, *, bound: Literal["eigen", "rows"] = "eigen"
) -> Floats:
    """One majorised step ``B <- sgn(G - B M + L B)``; a bit at exactly zero is kept.

    With ``L`` at least the largest eigenvalue of ``M``, ``b'(M - L)b`` is concave, so that its
    tangent plane lies above it, and the minimiser of that plane cannot be worse.

    Parameters
    ----------
    signs : float64 (n, f) of -1 and +1
    quad : float64 (f, f), symmetric
    linear : float64 (n, f)
    bound : {"eigen", "rows"}
        ``L`` is the largest eigenvalue, or one number per bit, the absolute row sum of ``M``.

    Returns
    -------
    float64 (n, f) of -1 and +1; no row has a larger value than before.

    Examples
    --------
    >>> import numpy as np
    >>> sign_step(np.ones((1, 2)), np.eye(2), np.array([[2.0, -2.0]]))
    array([[ 1., -1.]])
    """
    if bound == "eigen":
        limit = np.full(len(quad), np.linalg.eigvalsh(quad)[-1])
    elif bound == "rows":
        limit = np.abs(quad).sum(axis=1)
    else:
        raise ValueError(f"bound must be 'eigen' or 'rows', got {bound!r}")
    return step_with(signs, quad, linear, limit)


def step_with(signs: Floats, quad: Floats, linear: Floats, limit: Floats) -> Floats:
    """The step with any ``L``, shape (f,); too small a one can raise the value."""
    direction = linear - signs @ quad + limit * signs
    return np.where(direction == 0, signs, np.sign(direction))


def matrix_values(signs: Floats, quad: Floats, linear: Floats) -> Floats:
    """``b'Mb - 2 b'g`` of every row, float64 (n,)."""
    return np.asarray(((signs @ quad - 2 * linear) * signs).sum(axis=1))


def closed_form(quad: Floats, linear: Floats) -> Floats:
    """Signs of the unconstrained minimiser (survey eqs. 46-47 with a pseudo-inverse).

    It rounds a least squares solution and is no minimiser over signs; for comparison.
    """
    return np.where(linear @ np.linalg.pinv(quad, hermitian=True) >= 0, 1.0, -1.0)
