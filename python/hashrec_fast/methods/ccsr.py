# SPDX-License-Identifier: Apache-2.0
"""CCSR-S: cross-modal codes by two autoencoders; signs after training.

Pointwise, two-stage with a forward approximation.
"""

from hashrec_fast.losses import BCE, Balance, Reconstruct
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, ForwardApproximation, Gradient

RECIPE = Recipe(
    name="CCSR-S",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    feedback="explicit",
    tower=History(hidden=(128,), decoder=(128,), dropout=0.6),
    objective=(BCE(sharpness=8.0), Reconstruct(weight=0.1)),
    constraints=(Balance(weight=1e-4),),
    strategy=ForwardApproximation(
        solver=Gradient(
            sampler=Blocks(users=256, items=256),
            epochs=60,
            learning_rate=3e-3,
            metric="ndcg@10",
            candidates="test",
        ),
    ),
    fidelity="simplified: means for sums; training settings are ours",
)
