# SPDX-License-Identifier: Apache-2.0
"""DFMR-like: Discrete Federated Multi-behavior Recommendation (ACM TOIS 2024), survey ref. 90.

Pointwise, one-stage, implicit feedback. Purchases and examinations (side_info "examined",
optional) attract at two weights, all other pairs repel weakly through one cached Gram matrix.
"""

from hashrec_fast.losses import BehaviourSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DFMR-like",
    title="Discrete Federated Multi-behavior Recommendation for Privacy-Preserving Heterogeneous "
    "One-Class Collaborative Filtering",
    venue="ACM TOIS",
    year=2024,
    reference=90,
    task="federated",
    objective=(BehaviourSquare(),),
    strategy=OneStage(solver=DCD(rounds=20)),
    fidelity="reconstruction: objective and weights are ours after the abstract; the exchange "
    "between server and devices is not simulated, its sums are computed in one pass",
)
