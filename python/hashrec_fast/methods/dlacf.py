# SPDX-License-Identifier: Apache-2.0
"""DLACF: discrete limited attentive CF (Engineering Applications of AI 2023), survey ref. 83.

Pointwise, one-stage (the survey's table calls it two-stage). DCF whose users have a second code
for their friends' eyes; a user's code is near the mean of the friends' second codes, weighted by
an attention with a closed form.
"""

from hashrec_fast.losses import MSE, AttentiveFriends, BalanceDecorrelation
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DLACF",
    title="Discrete Limited Attentive Collaborative Filtering for Fast Social Recommendation",
    venue="Engineering Applications of Artificial Intelligence",
    year=2023,
    reference=83,
    task="social",
    feedback="explicit",
    objective=(MSE(), AttentiveFriends()),
    constraints=(BalanceDecorrelation(alpha=0.1, beta=0.1, gamma=0.1),),
    strategy=OneStage(solver=DCD(rounds=10, sweeps=10)),
    fidelity="simplified: starts from real-valued DCF, item balance weight 0.1 where the authors "
    "have 1000 for FilmTrust",
)
