# SPDX-License-Identifier: Apache-2.0
"""MDCF: Multimodal Discrete Collaborative Filtering (Xu, Zhu et al., TKDE 2023), with errata.

Pointwise, one-stage by an augmented Lagrangian. Codes of users and items are signs of rotated
real vectors that factorise the interactions and follow several views of features by maps of low
rank, so that new users and items are encoded from features alone.

Deviations: the authors' code rotates by ``P Q`` where ``P Q'`` is the solution and drops the
multiplier from one update; interactions enter exactly, not by a truncated decomposition; bit
flips on all pairs end the fit (``refine_rounds=0`` leaves them out).
"""

from hashrec_fast.losses import MultiView, RotatedFactors
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import MultiViewALM
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="MDCF",
    title="Multi-Modal Discrete Collaborative Filtering for Efficient Cold-Start Recommendation",
    venue="TKDE",
    year=2023,
    reference=87,
    task="cold start",
    objective=(RotatedFactors(user_tie=0.01, item_tie=0.01),),
    constraints=(MultiView(weight=0.01, low_rank=1e-4),),
    strategy=OneStage(solver=MultiViewALM(refine_rounds=10)),
    fidelity="simplified: ends in coordinate descent; see the deviations in its file",
)
