# SPDX-License-Identifier: Apache-2.0
"""AECF-S: ratings by two deep autoencoders; signs after training.

Pointwise, two-stage with a forward approximation.

Deviation: training sees outputs through a fixed tanh, as that of ``ccsr`` does.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import MSE, Reconstruct
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, ForwardApproximation, Gradient

RECIPE = Recipe(
    name="AECF-S",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    feedback="explicit",
    tower=History(hidden=(512, 256, 128), decoder=(128, 256, 512), dropout=0.2),
    objective=(MSE(), Reconstruct(weight=0.1)),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(start=2.0)),
        solver=Gradient(
            sampler=Blocks(users=1024, items=1024, observed_only=True),
            epochs=60,
            learning_rate=3e-3,
            metric="ndcg@10",
            candidates="test",
        ),
    ),
    fidelity="simplified: ratings on [-1, 1]; training settings are ours",
)
