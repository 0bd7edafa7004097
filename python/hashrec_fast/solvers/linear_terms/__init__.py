# SPDX-License-Identifier: Apache-2.0
"""Linear terms of one-stage methods, which draw codes besides the interactions; one file each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, LinearTerm, States, Terms
from hashrec_fast.roles import FeatureEncoder, LinearProvider


def read_linear(terms: Terms) -> tuple[LinearProvider, ...]:
    """The terms that give linear terms; encoders of features are noted as read too."""
    terms.every(FeatureEncoder)
    return terms.every(LinearProvider)


def bind_linear_terms(terms: Terms, states: States, context: FitContext) -> list[LinearTerm]:
    """The bound linear terms of all constraints, in the order of the recipe."""
    return [bound for term in read_linear(terms) for bound in term.linear_terms(states, context)]


def encoded_sides(terms: Terms) -> frozenset[str]:
    """Sides for which some term encodes features."""
    return frozenset(side for term in terms.every(FeatureEncoder) for side in term.sides)


def encode_features(
    features: tuple[sp.csr_matrix, ...],
    side: str,
    arrays: Mapping[str, NDArray[Any]],
    terms: Terms,
) -> NDArray[np.float64]:
    """Real values of new rows, float64 (n, n_bits); their signs are the codes."""
    for term in terms.every(FeatureEncoder):
        if side in term.sides:
            return term.encode_features(features, side, arrays)
    raise ValueError(f"no term of this method encodes {side}s from features")
