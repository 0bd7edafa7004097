# SPDX-License-Identifier: Apache-2.0
"""DCMF with the logistic loss: Discrete Content-aware Matrix Factorization (KDD 2017).

Pointwise, one-stage. Positives and popularity-sampled negatives; the logistic loss is expanded
into its quadratic majoriser before every pass, and codes are pulled to a map of their features.
"""

from hashrec_fast.losses import BalanceDecorrelation, FeatureRidge, Logistic
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DCMF-logit",
    title="Discrete Content-aware Matrix Factorization",
    venue="KDD",
    year=2017,
    reference=12,
    task="cold start",
    objective=(Logistic(negatives=1.0),),
    constraints=(
        BalanceDecorrelation(alpha=0.01, beta=0.01),
        FeatureRidge(item_weight=1.0, user_weight=0.0),
    ),
    strategy=OneStage(solver=DCD(rounds=30)),
    fidelity="simplified: the delegate ignores the features, as with the authors' lambda = 0",
)
