# SPDX-License-Identifier: Apache-2.0
"""DJSRH-SST: joint similarity of users and items rebuilt; signs of an annealed tanh.

Structural, two-stage with a forward approximation: tanh steepens from epoch to epoch.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import SimilarityReconstruction
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import ForwardApproximation, Gradient, Observed

RECIPE = Recipe(
    name="DJSRH-SST",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    tower=History(hidden=(512, 256)),
    objective=(SimilarityReconstruction(),),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=Gradient(
            sampler=Observed(batch_size=256),
            epochs=20,
            learning_rate=1e-3,
            metric="ndcg@10",
        ),
    ),
    fidelity="simplified: pairs are users with items; our batches",
)
