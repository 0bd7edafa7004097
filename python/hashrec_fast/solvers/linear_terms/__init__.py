# SPDX-License-Identifier: Apache-2.0
"""Providers of linear terms: what pulls codes besides the interactions, one file each.

A binder takes the declarative part, the codes at the start and the context of the fit, and gives
one pull per side it acts on. An encoder makes real values, whose signs are the codes, for rows
never seen from their features and the arrays that the pull exported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.solvers.alternation import LinearTerm, States
from hashrec_fast.solvers.linear_terms.balance import bind_balance
from hashrec_fast.solvers.linear_terms.embedding import bind_embedding
from hashrec_fast.solvers.linear_terms.network import encode_network
from hashrec_fast.solvers.linear_terms.ridge import bind_ridge, encode_ridge
from hashrec_fast.solvers.linear_terms.stiefel import bind_stiefel, encode_stiefel
from hashrec_fast.solvers.linear_terms.two_delegates import bind_two_delegates

Binder = Callable[[Any, States, FitContext], list[LinearTerm]]
Encoder = Callable[
    [tuple[sp.csr_matrix, ...], str, Mapping[str, NDArray[Any]]], NDArray[np.float64]
]

BINDERS: Mapping[str, Binder] = {
    "BalanceDecorrelation": bind_balance,
    "FeatureRidge": bind_ridge,
    "FeatureStiefel": bind_stiefel,
    "NetworkEmbedding": bind_embedding,
    "TwoDelegates": bind_two_delegates,
}
"""Term class name to its binder; a strategy may add more through ``FitContext.binders``."""

ENCODERS: Mapping[str, Encoder] = {
    "ContentNetwork": encode_network,
    "FeatureRidge": encode_ridge,
    "FeatureStiefel": encode_stiefel,
}


def bind_linear_terms(terms: Terms, states: States, context: FitContext) -> list[LinearTerm]:
    """The linear terms of all terms that have a binder, in the order of the recipe."""
    binders = {**BINDERS, **context.binders}
    return [
        pull
        for name, term in terms.items()
        if name in binders
        for pull in binders[name](term, states, context)
    ]


def encoded_sides(terms: Terms) -> frozenset[str]:
    """Sides for which some term has an encoder."""
    return frozenset(
        side for name, term in terms.items() if name in ENCODERS for side in term.sides
    )


def encode_features(
    features: tuple[sp.csr_matrix, ...],
    side: str,
    arrays: Mapping[str, NDArray[Any]],
    terms: Terms,
) -> NDArray[np.float64]:
    """Real values of new rows, float64 (n, n_bits); their signs are the codes."""
    for name, term in terms.items():
        if name in ENCODERS and side in term.sides:
            return ENCODERS[name](features, side, arrays)
    raise ValueError(f"no term of this method encodes {side}s from features")
