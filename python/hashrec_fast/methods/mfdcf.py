# SPDX-License-Identifier: Apache-2.0
"""MFDCF: Multi-Feature Discrete Collaborative Filtering (Xu et al., AAAI 2020).

Pointwise, one-stage by an augmented Lagrangian. As MDCF with views of the users alone: new users
are encoded from two or more matrices of features, given as a list.
"""

from hashrec_fast.losses import MultiView, RotatedFactors
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import MultiViewALM
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="MFDCF-like",
    title="Multi-Feature Discrete Collaborative Filtering for Fast Cold-Start Recommendation",
    venue="AAAI",
    year=2020,
    reference=71,
    task="cold start",
    objective=(RotatedFactors(user_tie=0.01, item_tie=0.01),),
    constraints=(MultiView(user=True, item=False, weight=0.01, low_rank=1e-4),),
    strategy=OneStage(solver=MultiViewALM()),
    fidelity="reconstruction: the variables are those of its successor MDCF without item features",
)
