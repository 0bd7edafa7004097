# SPDX-License-Identifier: Apache-2.0
"""CCSR-ST: cross-modal codes by two autoencoders; real values of a tanh, no codes.

Float factors: relaxed codes, the values of a tanh at the end of training, ranked by inner
product. The paper calls that Hamming distance; they are no codes.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BCE, Balance, Reconstruct
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, FloatFactors, Gradient

RECIPE = Recipe(
    name="CCSR-ST",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    feedback="explicit",
    tower=History(hidden=(128,), decoder=(128,), dropout=0.2),
    objective=(BCE(sharpness=0.08), Reconstruct(weight=0.1)),
    constraints=(Balance(weight=1e-7),),
    strategy=FloatFactors(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=Gradient(
            sampler=Blocks(users=1024, items=1024, observed_only=True),
            epochs=60,
            learning_rate=3e-3,
            metric="ndcg@10",
            candidates="test",
        ),
    ),
    fidelity="simplified: relaxed values, no codes; rated pairs only, means for sums; our settings",
)
