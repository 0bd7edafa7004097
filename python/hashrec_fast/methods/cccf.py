# SPDX-License-Identifier: Apache-2.0
"""CCCF: Compositional Coding for Collaborative Filtering (Liu et al., SIGIR 2019), survey ref. 64.

Pointwise, one-stage. A score is a weighted sum of the scores of short codes; the weights come from
anchors in a real factorisation and stay fixed. ``n_bits`` counts all bits stored per row. The
weights are kept with the model; ``hashrec_fast.solvers.component_dcd.weighted_factors`` scores
exactly with them.
"""

from hashrec_fast.losses import BalanceDecorrelation, CompositionalSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import ComponentDCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="CCCF",
    title="Compositional Coding for Collaborative Filtering",
    venue="SIGIR",
    year=2019,
    reference=64,
    feedback="explicit",
    objective=(CompositionalSquare(),),
    constraints=(BalanceDecorrelation(alpha=0.1, beta=0.1),),
    strategy=OneStage(solver=ComponentDCD()),
    fidelity="simplified: codes are searched by plain Hamming distance without the component "
    "weights, rows out of every anchor's reach weigh components alike",
)
