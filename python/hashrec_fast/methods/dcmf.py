# SPDX-License-Identifier: Apache-2.0
"""DCMF: Discrete Content-aware Matrix Factorization (Lian et al., KDD 2017), least squares form.

Pointwise, one-stage. DCF whose item (and user) codes are drawn to a linear map of their features
by ridge regression, so that new items are encoded from features alone.
"""

from hashrec_fast.losses import MSE, BalanceDecorrelation, FeatureRidge, ScoreNorm
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DCMF",
    title="Discrete Content-aware Matrix Factorization",
    venue="KDD",
    year=2017,
    reference=12,
    task="cold start",
    feedback="explicit",
    objective=(MSE(), ScoreNorm(weight=0.0)),
    constraints=(
        BalanceDecorrelation(alpha=0.01, beta=0.01),
        FeatureRidge(item_weight=10.0, user_weight=0.0),
    ),
    strategy=OneStage(solver=DCD(rounds=30)),
    fidelity="simplified: the delegate ignores the features, as with the authors' lambda = 0",
)
