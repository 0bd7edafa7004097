# SPDX-License-Identifier: Apache-2.0
"""DPH: Deep Pairwise Hashing for cold-start recommendation (Zhang et al., TKDE 2020).

Pairwise, one-stage. DPR whose item codes are tied to a network that reads the items' content, so
that items without interactions are encoded from content alone.
"""

from hashrec_fast.losses import BalanceDecorrelation, ContentNetwork, PairwiseSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import PairwiseDCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DPH",
    title="Deep Pairwise Hashing for Cold-start Recommendation",
    venue="TKDE",
    year=2020,
    reference=73,
    task="cold start",
    objective=(PairwiseSquare(margin=1.0),),
    constraints=(BalanceDecorrelation(alpha=0.03, beta=0.03), ContentNetwork(weight=1.0)),
    strategy=OneStage(solver=PairwiseDCD()),
    fidelity="simplified: a network of two layers fitted to the codes, without autoencoders",
)
