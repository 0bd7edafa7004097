# SPDX-License-Identifier: Apache-2.0
"""Scorers made of what a user passes as ``model``, with errors that say what was wrong."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import NotFittedError
from hashrec_fast.evaluation.scorers import (
    CodeScorer,
    FactorScorer,
    ItemScorer,
    ModelScorer,
    Scorer,
)
from hashrec_fast.types import Evaluable, HasScores


def make_scorer(model: Evaluable, n_users: int, n_items: int, batch_size: int | None) -> Scorer:
    """Return the scorer of ``model``.

    The first that fits is taken: ``ranking_scores_``, an object with ``score(user_ids)``, of models
    with a second stage; a pair of factors ``ranking_factors_`` where codes alone do not
    say how a model ranks; attributes ``user_codes_`` and ``item_codes_``; attributes
    ``user_factors_`` and ``item_factors_``; a pair of 2-D arrays (uint64 codes or float factors);
    a 1-D array of item scores; a method ``score(user_ids)``.
    """
    staged = getattr(model, "ranking_scores_", None)
    if staged is not None:
        return ModelScorer(staged, n_items, batch_size)
    ranked = getattr(model, "ranking_factors_", None)
    if ranked is not None:
        return _pair_scorer(ranked[0], ranked[1], n_users, n_items, batch_size)
    for kind in ("codes", "factors"):
        pair = getattr(model, f"user_{kind}_", None), getattr(model, f"item_{kind}_", None)
        if pair[0] is not None and pair[1] is not None:
            return _pair_scorer(pair[0], pair[1], n_users, n_items, batch_size)
    if isinstance(model, (tuple, list)) and len(model) == 2:
        return _pair_scorer(model[0], model[1], n_users, n_items, batch_size)
    if isinstance(model, np.ndarray):
        return _item_scorer(model, n_items, batch_size)
    if hasattr(model, "__sklearn_is_fitted__") and not model.__sklearn_is_fitted__():
        raise NotFittedError(f"this {type(model).__name__} is not fitted yet; call fit first")
    if callable(getattr(model, "score", None)):
        return ModelScorer(cast(HasScores, model), n_items, batch_size)
    raise TypeError(
        "model must have user_codes_ and item_codes_, or user_factors_ and item_factors_, or "
        "score(user_ids), or be a pair of 2-D arrays (uint64 codes or float factors) or a 1-D "
        f"array of item scores, got {type(model).__name__}"
    )


def _pair_scorer(
    user_side: ArrayLike, item_side: ArrayLike, n_users: int, n_items: int, batch_size: int | None
) -> Scorer:
    users, items = np.asarray(user_side), np.asarray(item_side)
    if users.dtype == np.uint64 and items.dtype == np.uint64:
        kind = "codes"
    elif users.dtype.kind == "f" and items.dtype.kind == "f":
        kind = "factors"
    else:
        raise ValueError(
            "user and item arrays must both be uint64 (packed codes) or both float (factors), "
            f"got {users.dtype} and {items.dtype}"
        )
    for array, side, n_rows in ((users, "user", n_users), (items, "item", n_items)):
        if array.ndim != 2 or len(array) != n_rows or array.shape[1] == 0:
            raise ValueError(
                f"{side}_{kind} must have shape ({n_rows}, n) as train has {n_rows} {side}s, "
                f"got {array.shape}"
            )
    if users.shape[1] != items.shape[1]:
        raise ValueError(
            f"user_{kind} and item_{kind} must be equally wide, "
            f"got {users.shape[1]} and {items.shape[1]} columns"
        )
    if kind == "codes":
        return CodeScorer(users, items)
    scorer = FactorScorer(users, items, batch_size)
    _check_finite(scorer.user_factors, "user_factors")
    _check_finite(scorer.item_factors, "item_factors")
    return scorer


def _item_scorer(scores: NDArray[Any], n_items: int, batch_size: int | None) -> Scorer:
    if scores.shape != (n_items,) or scores.dtype.kind not in "fiu":
        raise ValueError(
            f"item scores must be real and of shape ({n_items},) as train has {n_items} items, "
            f"got {scores.dtype} {scores.shape}"
        )
    if np.isnan(scores).any():
        raise ValueError(f"item scores hold {np.isnan(scores).sum()} NaN")
    return ItemScorer(scores, batch_size)


def _check_finite(factors: NDArray[np.float32], name: str) -> None:
    bad = ~np.isfinite(factors)
    if bad.any():
        raise ValueError(
            f"{name} must be finite in float32, got {bad.sum()} NaN or infinite values, "
            f"the first in row {int(np.flatnonzero(bad.any(axis=1))[0])}"
        )
