# SPDX-License-Identifier: Apache-2.0
"""Data terms of one-stage methods: which sum over interactions the codes minimise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.solvers.data_terms.anchored import bind_anchored
from hashrec_fast.solvers.data_terms.attention import bind_attention
from hashrec_fast.solvers.data_terms.behaviours import bind_behaviours, new_weighted_rows
from hashrec_fast.solvers.data_terms.negatives import with_negatives
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.outfits import bind_outfits
from hashrec_fast.solvers.data_terms.social import SocialDataTerm
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs

Binder = Callable[[sp.csr_matrix, Terms, FitContext], Any]
SPECIAL: Mapping[str, Binder] = {
    "AttentiveFriends": bind_attention,
    "BehaviourSquare": bind_behaviours,
    "ExactBalance": bind_anchored,
    "OutfitSquare": bind_outfits,
    "RealAnchors": bind_anchored,
}
"""Terms with a fit of their own, which besides ratings knows no other special terms."""

TERMS = frozenset({"MSE", "Logistic", "RestSquare", "ScoreNorm", "SocialCodes"}) | SPECIAL.keys()
"""Names of the objective terms that :func:`bind_data_term` understands."""


def bind_data_term(user_items: sp.csr_matrix, terms: Terms, context: FitContext) -> Any:
    """The fit that the objective terms ask for."""
    n_bits = context.n_bits
    special = {SPECIAL[name] for name in terms if name in SPECIAL}
    if special:
        return _bind_special(special, user_items, terms, context)
    if "Logistic" in terms:
        pairs, labels = with_negatives(user_items, terms["Logistic"].negatives, context.rng)
        # expected weight of a negative per unobserved pair, for rows that come later
        share = float((labels < 0).sum()) / max(1, pairs.shape[0] * pairs.shape[1] - user_items.nnz)
        facts = {"negative_share": share}
        return WeightedPairs(
            pairs,
            labels,
            n_bits,
            slope=terms["Logistic"].slope_of(n_bits),
            facts=facts,
            **_others(terms),
        )
    scale = RatingScale.of(user_items, terms["MSE"].scale)
    return fit_of_ratings(user_items, scale, terms, n_bits, context)


def _bind_special(
    binders: set[Binder], user_items: sp.csr_matrix, terms: Terms, context: FitContext
) -> Any:
    others = terms.keys() & (TERMS - SPECIAL.keys() - {"MSE"})
    if len(binders) > 1 or others:
        names = ", ".join(sorted(terms.keys() & (TERMS - {"MSE"})))
        raise ValueError(f"no fit is made for these terms together: {names}")
    return binders.pop()(user_items, terms, context)


def fit_of_ratings(
    user_items: sp.csr_matrix,
    scale: RatingScale,
    terms: Terms,
    n_bits: int,
    context: FitContext | None = None,
) -> Any:
    """Squared error with whatever other terms there are; no social links without a context."""
    others = _others(terms)
    if others:
        targets = scale.targets(user_items, n_bits)
        return WeightedPairs(user_items, targets, n_bits, facts=scale.facts(), **others)
    if "SocialCodes" in terms and context is not None:
        term, social = terms["SocialCodes"], context.side_info.social
        return SocialDataTerm(user_items, scale, n_bits, social, term.weight, term.target)
    return ObservedSquares(user_items, scale, n_bits)


def new_rows(
    rows: sp.csr_matrix, side: str, facts: dict[str, Any], terms: Terms, n_bits: int
) -> Any:
    """The fit of rows never seen (in the place of users) against the codes of the other side.

    For the logistic loss every other pair is a negative of the expected weight, expanded at a
    score of zero, so that a row's code depends on nothing but the row.
    """
    del side
    for name in terms.keys() & {"BehaviourSquare", "OutfitSquare"}:
        return new_weighted_rows(rows, facts, terms[name], n_bits)
    if "Logistic" in terms:
        slope = terms["Logistic"].slope_of(n_bits)
        others = _others(terms)
        if "RestSquare" not in terms:
            others["rest_weight"] = facts["negative_share"] * slope**2 / 8
            others["rest_target"] = -2 / (slope * n_bits)
        return WeightedPairs(rows, np.ones(rows.nnz), n_bits, slope=slope, **others)
    return fit_of_ratings(rows, RatingScale.from_facts(facts), terms, n_bits)


def _others(terms: Terms) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "RestSquare" in terms:
        rest = terms["RestSquare"]
        found |= {"rest_weight": rest.weight, "rest_target": rest.target}
    if "ScoreNorm" in terms and terms["ScoreNorm"].weight > 0:
        found["norm_weight"] = terms["ScoreNorm"].weight
    return found
