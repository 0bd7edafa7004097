# SPDX-License-Identifier: Apache-2.0
"""DRMF: Discrete Ranking-based Matrix Factorization with self-paced learning (KDD 2018).

Pairwise, one-stage. Cross-entropy of the order of all rated pairs of a user, by its quadratic
bound; easy pairs come first. Rows are solved bit by bit where the authors round a semidefinite
relaxation.
"""

from hashrec_fast.losses import PairwiseEntropy
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import SelfPacedDCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DRMF",
    title="Discrete Ranking-based Matrix Factorization with Self-Paced Learning",
    venue="KDD",
    year=2018,
    reference=13,
    feedback="explicit",
    objective=(PairwiseEntropy(sharpness=1.0),),
    strategy=OneStage(solver=SelfPacedDCD()),
    fidelity="simplified: coordinate descent in place of semidefinite relaxation and rounding",
)
