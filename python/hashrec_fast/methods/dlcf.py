# SPDX-License-Identifier: Apache-2.0
"""DLCF-like: Discrete Listwise Collaborative Filtering (SDM 2021), survey reference 76.

Listwise, one-stage. Plackett-Luce likelihood of each user's items in the order of their ratings
(survey eqs. 23-25), by a quadratic bound that is solved bit by bit, with delegates of balance and
decorrelation.
"""

from hashrec_fast.losses import BalanceDecorrelation, PlackettLuce
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import ListwiseDCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DLCF-like",
    title="Discrete Listwise Collaborative Filtering for Fast Recommendation",
    venue="SDM",
    year=2021,
    reference=76,
    feedback="explicit",
    objective=(PlackettLuce(sharpness=1.5, list_length=5, negatives=4.0),),
    constraints=(BalanceDecorrelation(alpha=1e-3, beta=1e-3),),
    strategy=OneStage(solver=ListwiseDCD()),
    fidelity="reconstruction: the bound, the short lists and the encoding of new rows are ours",
)
