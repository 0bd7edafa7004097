# SPDX-License-Identifier: Apache-2.0
"""Pairwise descent takes any linear term: content of items places those that nobody has touched."""

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.estimator import HashRecommender
from hashrec_fast.losses import BalanceDecorrelation, FeatureRidge, PairwiseSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD, PairwiseDCD
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.linear_terms.balance import BalanceLinearTerm
from hashrec_fast.solvers.linear_terms.ridge import RidgeLinearTerm
from hashrec_fast.solvers.pairwise_dcd import scaled_linear_terms
from hashrec_fast.training import OneStage


def groups(n_users=90, n_items=60, n_groups=3):
    """Users like items of their own group; a feature tells the group."""
    rng = np.random.default_rng(0)
    same = np.arange(n_users)[:, None] % n_groups == np.arange(n_items) % n_groups
    seen = same & (rng.random(same.shape) < 0.4)
    features = np.eye(n_groups)[np.arange(n_items) % n_groups]
    return sp.csr_matrix(seen.astype(np.float32)), same, sp.csr_matrix(features)


def content_model(weight=1.0, **options):
    recipe = Recipe(
        name="pairs and content",
        title="none",
        venue="none",
        year=2000,
        fidelity="own",
        objective=(PairwiseSquare(),),
        constraints=(
            BalanceDecorrelation(alpha=0.03, beta=0.03),
            FeatureRidge(item_weight=weight, reg=0.1),
        ),
        strategy=OneStage(solver=PairwiseDCD()),
    )
    return HashRecommender(recipe, n_bits=16, random_state=0, **options)


def test_cold_items_are_encoded_from_features():
    matrix, same, features = groups()
    known, new = np.arange(48), np.arange(48, 60)
    model = content_model().fit(
        matrix[:, known], side_info={"item_features": features[known]}, show_progress=False
    )
    codes = model.encode_items(features=features[new])
    scores = 16 - 2 * (
        np.bitwise_count(model.user_codes_[:, None] ^ codes[None]).sum(axis=2, dtype=np.int64)
    )
    wanted = same[:, new]
    assert scores[wanted].mean() > scores[~wanted].mean() + 4


@pytest.mark.parametrize("num_threads", [2, 3])
def test_threads_change_nothing(num_threads):
    matrix, _, features = groups()
    side = {"item_features": features}
    one, many = (
        content_model(num_threads=t).fit(matrix, side_info=side, show_progress=False)
        for t in (1, num_threads)
    )
    np.testing.assert_array_equal(one.item_codes_, many.item_codes_)
    np.testing.assert_array_equal(one.user_codes_, many.user_codes_)


def test_content_weighs_as_a_mean_over_items():
    """Item rows get m / n times the linear term; delegates weigh against the sum as they are."""
    matrix, _, features = groups()
    rows = dict(zip(("user", "item"), matrix.shape, strict=True))
    rng = np.random.default_rng(0)
    states = random_states(rows, 16, rng)
    ridge = RidgeLinearTerm("item", features, 1.0, 0.1, states["item"])
    balance = BalanceLinearTerm("item", 0.5, states, rng)
    content, delegate = scaled_linear_terms([ridge, balance], states)
    np.testing.assert_allclose(content.linear(states).rows, 1.5 * ridge.linear(states).rows)
    assert content.value(states) == pytest.approx(1.5 * ridge.value(states))
    assert delegate is balance


def test_terms_of_other_solvers_are_refused():
    with pytest.raises(ValueError, match="DCD cannot optimise PairwiseSquare"):
        OneStage(solver=DCD()).check((PairwiseSquare(),), ())
    with pytest.raises(ValueError, match="PairwiseDCD needs a squared error of score"):
        PairwiseDCD().solve(groups()[0], Terms(()), None, FitContext(8, np.random.default_rng(0)))
    with pytest.raises(ValueError, match="no use for a teacher"):
        PairwiseDCD().solve(
            groups()[0],
            Terms((PairwiseSquare(),)),
            object(),
            FitContext(8, np.random.default_rng(0)),
        )
