# SPDX-License-Identifier: Apache-2.0
"""DSFCH-like: discrete supervised fashion coordinates hashing (DSE 2018), survey ref. 60.

Pointwise, one-stage. Rows of the matrix are tops, columns are bottoms, entries are matches;
``user_features`` describe tops and ``item_features`` bottoms, so that new pieces are encoded from
their features. Pairs of high score join the known ones with a smaller weight.
"""

from hashrec_fast.losses import FeatureRidge, OutfitSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DSFCH-like",
    title="Discrete Supervised Fashion Coordinates Hashing",
    venue="Data Science and Engineering",
    year=2018,
    reference=60,
    task="outfit",
    objective=(OutfitSquare(),),
    constraints=(FeatureRidge(item_weight=1.0, user_weight=1.0),),
    strategy=OneStage(solver=DCD(rounds=20)),
    fidelity="reconstruction: weights, self-augmentation and the linear maps of content are ours "
    "after the abstract",
)
