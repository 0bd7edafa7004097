# SPDX-License-Identifier: Apache-2.0
"""SDSR-like: semi-discrete social recommendation (Luo et al., AAAI 2021), survey ref. 77.

Pointwise, one-stage. DCF whose user codes are drawn to a real embedding of the social network,
learnt alongside from random walks.
"""

from hashrec_fast.losses import MSE, BalanceDecorrelation, NetworkEmbedding
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="SDSR-like",
    title="Semi-Discrete Social Recommendation",
    venue="AAAI",
    year=2021,
    reference=77,
    task="social",
    feedback="explicit",
    objective=(MSE(),),
    constraints=(BalanceDecorrelation(alpha=0.1, beta=0.1), NetworkEmbedding()),
    strategy=OneStage(solver=DCD(rounds=20)),
    fidelity="reconstruction: the embedding is skip-gram with negative sampling on short random "
    "walks, its weights are ours",
)
