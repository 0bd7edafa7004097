# SPDX-License-Identifier: Apache-2.0
"""DJSRH-S: joint similarity of users and items rebuilt; signs after training.

Structural, two-stage with a forward approximation.
"""

from hashrec_fast.losses import SimilarityReconstruction
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import ForwardApproximation, Gradient, Observed

RECIPE = Recipe(
    name="DJSRH-S",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    tower=History(hidden=(512, 256)),
    objective=(SimilarityReconstruction(),),
    strategy=ForwardApproximation(
        solver=Gradient(
            sampler=Observed(batch_size=256),
            epochs=20,
            learning_rate=1e-3,
            metric="ndcg@10",
        ),
    ),
    fidelity="simplified: pairs are users with items; our batches",
)
