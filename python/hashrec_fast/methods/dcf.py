# SPDX-License-Identifier: Apache-2.0
"""DCF: Discrete Collaborative Filtering (Zhang et al., SIGIR 2016), survey reference 11.

Pointwise, one-stage. Solves survey eq. 35 bit by bit, eqs. 36-44 with their errata corrected.
"""

from hashrec_fast.losses import MSE, BalanceDecorrelation
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DCF",
    title="Discrete Collaborative Filtering",
    venue="SIGIR",
    year=2016,
    reference=11,
    feedback="explicit",
    objective=(MSE(),),
    constraints=(BalanceDecorrelation(alpha=0.1, beta=0.1),),
    strategy=OneStage(solver=DCD()),
    fidelity="faithful",
)
