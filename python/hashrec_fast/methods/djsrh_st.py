# SPDX-License-Identifier: Apache-2.0
"""DJSRH-ST: joint similarity of users and items rebuilt; real values of a tanh, no codes.

Float factors: relaxed codes, the values of a tanh at the end of training, ranked by inner
product. The paper calls that Hamming distance; they are no codes.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import SimilarityReconstruction
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import FloatFactors, Gradient, Observed

RECIPE = Recipe(
    name="DJSRH-ST",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    tower=History(hidden=(512, 256)),
    objective=(SimilarityReconstruction(),),
    strategy=FloatFactors(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=Gradient(
            sampler=Observed(batch_size=256),
            epochs=20,
            learning_rate=1e-3,
            metric="ndcg@10",
        ),
    ),
    fidelity="simplified: relaxed values, no codes; pairs are users with items; our batches",
)
