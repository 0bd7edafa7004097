# SPDX-License-Identifier: Apache-2.0
"""Rating scale of an objective: the one that a term declares, or the range of the ratings."""

from __future__ import annotations

from collections.abc import Iterable

import scipy.sparse as sp

from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.weighted import Weighted
from hashrec_fast.roles import RatingTerm
from hashrec_fast.solvers.data_terms.targets import RatingScale


def scale_of(objective: Iterable[Loss], user_items: sp.csr_matrix) -> RatingScale:
    """Scale of all ratings of a fit; terms inside :class:`Weighted` are asked too.

    Raises
    ------
    ValueError
        For a rating outside a declared scale, or terms that do not agree on one.
    """
    inner = (term.loss if isinstance(term, Weighted) else term for term in objective)
    scales = [term.rating_scale(user_items) for term in inner if isinstance(term, RatingTerm)]
    if any(scale != scales[0] for scale in scales):
        raise ValueError(
            "terms of one objective must have one rating scale, got "
            + " and ".join(f"({scale.low:g}, {scale.high:g})" for scale in scales)
        )
    return scales[0] if scales else RatingScale.of(user_items)
