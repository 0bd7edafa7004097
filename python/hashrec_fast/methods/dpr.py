# SPDX-License-Identifier: Apache-2.0
"""DPR: Discrete Personalized Ranking (Zhang et al., AAAI 2017).

Pairwise, one-stage. Squared differences of the scores of all pairs of a positive and another item
(survey eq. 18, averaged per user; a surrogate of AUC), solved bit by bit with delegates of balance
and decorrelation. The wanted difference is ``f`` as in the authors' code, not ``2f``.
"""

from hashrec_fast.losses import BalanceDecorrelation, PairwiseSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import PairwiseDCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DPR",
    title="Discrete Personalized Ranking for Fast Collaborative Filtering from Implicit Feedback",
    venue="AAAI",
    year=2017,
    reference=58,
    objective=(PairwiseSquare(margin=1.0),),
    constraints=(BalanceDecorrelation(alpha=0.03, beta=0.03),),
    strategy=OneStage(solver=PairwiseDCD()),
    fidelity="faithful",
)
