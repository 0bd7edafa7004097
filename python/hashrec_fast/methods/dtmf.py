# SPDX-License-Identifier: Apache-2.0
"""DTMF: Discrete Trust-aware Matrix Factorization (Guo et al., IJCAI 2019), survey reference 62.

Pointwise, one-stage. Ratings as in DCF; a trusted user is met as a trustee code, target f.
"""

from hashrec_fast.losses import MSE, BalanceDecorrelation, SocialCodes
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DTMF",
    title="Discrete Trust-aware Matrix Factorization for Fast Recommendation",
    venue="IJCAI",
    year=2019,
    reference=62,
    task="social",
    feedback="explicit",
    objective=(MSE(), SocialCodes(weight=1.0, target=1.0)),
    constraints=(BalanceDecorrelation(alpha=1e-3, beta=1e-3, gamma=1e-3),),
    strategy=OneStage(solver=DCD()),
    fidelity="faithful",
)
