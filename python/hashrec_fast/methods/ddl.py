# SPDX-License-Identifier: Apache-2.0
"""DDL: Discrete Deep Learning for fast content-aware recommendation (Zhang et al., WSDM 2018).

Pointwise, one-stage. DCF whose item codes are tied to a network that reads the items' content, so
that items without ratings are encoded from content alone.
"""

from hashrec_fast.losses import MSE, BalanceDecorrelation, ContentNetwork
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DDL",
    title="Discrete Deep Learning for Fast Content-Aware Recommendation",
    venue="WSDM",
    year=2018,
    reference=61,
    task="cold start",
    feedback="explicit",
    objective=(MSE(),),
    constraints=(BalanceDecorrelation(alpha=1e-3, beta=1e-3), ContentNetwork(weight=10.0)),
    strategy=OneStage(solver=DCD(rounds=30)),
    fidelity="simplified: a sigmoid-tanh network fitted to the codes for the deep belief network",
)
