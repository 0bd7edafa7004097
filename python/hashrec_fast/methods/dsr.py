# SPDX-License-Identifier: Apache-2.0
"""DSR: Discrete Social Recommendation (Liu et al., AAAI 2019), survey reference 65.

Pointwise, one-stage. Ratings as in DCF, and a third matrix of codes for users as friends. The
authors' code leaves links unscaled (target 1); ``social_codes__target=1/f`` gives that.
"""

from hashrec_fast.losses import MSE, BalanceDecorrelation, SocialCodes
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DSR",
    title="Discrete Social Recommendation",
    venue="AAAI",
    year=2019,
    reference=65,
    task="social",
    feedback="explicit",
    objective=(MSE(), SocialCodes(weight=0.5, target=1.0)),
    constraints=(BalanceDecorrelation(alpha=0.1, beta=0.1, gamma=0.1),),
    strategy=OneStage(solver=DCD()),
    fidelity="faithful",
)
