# SPDX-License-Identifier: Apache-2.0
"""Weight of unobserved pairs by the density of the data."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp


def rest_weight(user_items: sp.csr_matrix, factor: float) -> float:
    """Weight ``factor sqrt(density)`` of an unobserved pair, less the more there are."""
    return factor * float(np.sqrt(user_items.nnz / (user_items.shape[0] * user_items.shape[1])))
