# SPDX-License-Identifier: Apache-2.0
"""AECF-ST: ratings by two deep autoencoders; real values of a tanh, no codes.

Float factors: relaxed codes, the values of a tanh at the end of training, ranked by inner
product. The paper calls that Hamming distance; they are no codes.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import MSE, Reconstruct
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, FloatFactors, Gradient

RECIPE = Recipe(
    name="AECF-ST",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    feedback="explicit",
    tower=History(hidden=(512, 256, 128), decoder=(128, 256, 512), dropout=0.6),
    objective=(MSE(), Reconstruct(weight=0.1)),
    strategy=FloatFactors(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=Gradient(
            sampler=Blocks(users=256, items=256, observed_only=True),
            epochs=60,
            learning_rate=1e-3,
            metric="ndcg@10",
            candidates="test",
        ),
    ),
    fidelity="simplified: relaxed values, no codes; ratings on [-1, 1]; training settings are ours",
)
