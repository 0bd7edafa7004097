# SPDX-License-Identifier: Apache-2.0
"""VHPHD: projected Hamming dissimilarity with variational hashing (Hansen et al., WWW 2021).

Pointwise, two-stage with a backward approximation. A user's bit also says whether the item's bit
counts at all: the dissimilarity is ``popcount(u & ~i)``.
"""

from hashrec_fast.binarizers import BernoulliStraight
from hashrec_fast.losses import NoisyRatingSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Projected
from hashrec_fast.towers import Embedding
from hashrec_fast.training import BackwardApproximation, Gradient, Observed

RECIPE = Recipe(
    name="VHPHD",
    title="Projected Hamming Dissimilarity for Bit-Level Importance Coding in Collaborative "
    "Filtering",
    venue="WWW",
    year=2021,
    reference=74,
    feedback="explicit",
    tower=Embedding(start_deviation=0.577),
    similarity=Projected(),
    objective=(NoisyRatingSquare(noise=1.0),),
    strategy=BackwardApproximation(
        gradient=BernoulliStraight(),
        solver=Gradient(
            sampler=Observed(batch_size=400, negatives=4), epochs=30, learning_rate=5e-3
        ),
    ),
    fidelity="simplified: the gradient is that of the expected score; noise sinks from epoch to "
    "epoch; epochs are ours",
)
