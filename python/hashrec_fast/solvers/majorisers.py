# SPDX-License-Identifier: Apache-2.0
"""Quadratic upper bounds of smooth losses, touching at the present scores.

Minimising the bound by discrete coordinate descent and expanding again never raises the loss.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def logistic_weight(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight ``w`` of ``log(1 + exp(-r s)) <= w s^2 - r s / 2 + const``, r = +-1.

    ``w = tanh(|s| / 2) / (4 |s|)``, 1/8 at zero (Jaakkola and Jordan 2000).
    """
    size = np.abs(scores)
    safe = np.where(size < 1e-6, 1.0, size)
    return np.where(size < 1e-6, 0.125, np.tanh(safe / 2) / (4 * safe))
