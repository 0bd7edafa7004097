# SPDX-License-Identifier: Apache-2.0
"""CCSR-SST: cross-modal codes by two autoencoders; signs of an annealed tanh.

Pointwise, two-stage with a forward approximation: tanh steepens from epoch to epoch.

Deviations: only rated pairs are learned from, since with zeros for all others, as printed, codes
rank a user's rated items hardly better than chance; balance is a mean, so its weight is that much
smaller.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BCE, Balance, Reconstruct
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, ForwardApproximation, Gradient

RECIPE = Recipe(
    name="CCSR-SST",
    title="Learning Similarity Preserving Binary Codes for Recommender Systems",
    venue="AdKDD",
    year=2022,
    feedback="explicit",
    tower=History(hidden=(128,), decoder=(128,), dropout=0.2),
    objective=(BCE(sharpness=8.0), Reconstruct(weight=0.1)),
    constraints=(Balance(weight=1e-7),),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=Gradient(
            sampler=Blocks(users=1024, items=1024, observed_only=True),
            epochs=60,
            learning_rate=3e-3,
            metric="ndcg@10",
            candidates="test",
        ),
    ),
    fidelity="simplified: rated pairs only, means for sums; training settings are ours",
)
