# SPDX-License-Identifier: Apache-2.0
"""Two behaviours over all pairs: purchases, examinations, and a weak rest (DFMR).

Objective: ``w_p sum_P (f - s)^2 + w_e sum_(E - P) (f - s)^2 + w_0 sum_rest (-f - s)^2``. In a
federation the server would hold the purchases' share of a row's matrix and the cached Gram matrix
of the codes, and the device add ``(w_e - w_0) d d'`` of what it examined; here both are summed in
one pass, with the same codes as outcome.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs


def rest_weight(user_items: sp.csr_matrix, factor: float) -> float:
    """``factor sqrt(density)``: the weight of an unobserved pair, less the more there are."""
    return factor * float(np.sqrt(user_items.nnz / (user_items.shape[0] * user_items.shape[1])))


def bind_behaviours(user_items: sp.csr_matrix, terms: Terms, context: FitContext) -> WeightedPairs:
    """The fit of the term ``BehaviourSquare``; without examinations there is one behaviour."""
    term, n_bits = terms["BehaviourSquare"], context.n_bits
    pairs = sp.csr_matrix(user_items, dtype=np.float64, copy=True)
    pairs.data[:] = 2
    if context.side_info.examined is not None:
        pairs = pairs + context.side_info.examined  # purchases are 2 or 3, examinations alone 1
    pairs.sort_indices()
    weights = np.where(pairs.data > 1, term.weight, term.examined_weight)
    rest = rest_weight(user_items, term.rest_weight)
    return WeightedPairs(
        pairs,
        np.full(pairs.nnz, float(n_bits)),
        n_bits,
        rest_weight=rest,
        rest_target=term.rest_target,
        weights=weights,
        facts={"rest_weight": rest},
    )


def new_weighted_rows(
    rows: sp.csr_matrix, facts: dict[str, Any], term: Any, n_bits: int
) -> WeightedPairs:
    """The fit of rows never seen, whose entries all count as the stronger behaviour."""
    return WeightedPairs(
        rows,
        np.full(rows.nnz, float(n_bits)),
        n_bits,
        rest_weight=facts["rest_weight"],
        rest_target=term.rest_target,
        weights=np.full(rows.nnz, term.weight),
    )
