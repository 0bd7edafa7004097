# SPDX-License-Identifier: Apache-2.0
"""Encoding of new rows by a fit: checks of what was given, then the fit's own strategy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import check_random_state
from hashrec_fast.contracts import FitContext
from hashrec_fast.data.matrices import as_views
from hashrec_fast.fitted import Fitted
from hashrec_fast.inputs import as_new_rows, is_features
from hashrec_fast.types import FeaturesInput, Interactions, Side


def encode_rows(
    fitted: Fitted,
    rows: Interactions | FeaturesInput | None,
    features: FeaturesInput | None,
    side: Side,
) -> NDArray[Any]:
    """Codes or factors of new rows; see :meth:`hashrec_fast.HashRecommender.encode_users`."""
    if (rows is None) == (features is None):
        raise ValueError("give either interactions or features of the new rows, not both")
    recipe = fitted.recipe
    terms, strategy = recipe.terms(), recipe.strategy
    n_other = len(fitted.rows("item" if side == "user" else "user"))
    widths = fitted.facts.get("feature_widths", {}).get(side)
    if widths is not None and side not in strategy.feature_sides(terms):
        widths = None
    if features is None and widths is not None and is_features(rows, widths, n_other):
        rows, features = None, rows
    context = _context(fitted)
    if features is None:
        matrix = as_new_rows(rows, n_other, explicit=recipe.feedback == "explicit")
        return np.asarray(strategy.fold_in(matrix, side, fitted, terms, context))
    if widths is None:
        raise ValueError(
            f"this {recipe.name} model cannot encode {side}s from features; "
            f"give their interactions, {n_other} columns"
        )
    views = as_views(features, "features")
    if [view.shape[1] for view in views] != widths:
        raise ValueError(
            f"features must have the widths of training, {widths}, "
            f"got {[view.shape[1] for view in views]}"
        )
    return np.asarray(strategy.encode(views, side, fitted, terms, context))


def _context(fitted: Fitted) -> FitContext:
    rng = check_random_state(fitted.random_state)
    return FitContext(fitted.n_bits, rng, fitted.num_threads, device=fitted.device)
