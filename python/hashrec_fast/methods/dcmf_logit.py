# SPDX-License-Identifier: Apache-2.0
"""DCMF with the logistic loss: Discrete Content-aware Matrix Factorization (KDD 2017).

Pointwise, one-stage. Positives and popularity-sampled negatives; the logistic loss is expanded
into its quadratic majoriser before every pass, and codes are drawn to a map of their features.
"""

from dataclasses import replace

from hashrec_fast.losses import BalanceDecorrelation, FeatureRidge, Logistic
from hashrec_fast.methods.dcmf import RECIPE as DCMF

RECIPE = replace(
    DCMF,
    name="DCMF-logit",
    feedback="implicit",
    objective=(Logistic(negatives=1.0),),
    constraints=(
        BalanceDecorrelation(alpha=0.01, beta=0.01),
        FeatureRidge(item_weight=1.0, user_weight=0.0),
    ),
)
