# SPDX-License-Identifier: Apache-2.0
"""CGH: collaborative generative hashing for marketing and cold start (IEEE Int. Systems 2020).

Pointwise, two-stage with a backward approximation. Codes of both sides are read from features by
one linear layer each and give the features back, so that new users and items need nothing else.
"""

from hashrec_fast.binarizers import DoublySemantic
from hashrec_fast.losses import MSE, BitCertainty, LinearReconstruction
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Content, Sides
from hashrec_fast.training import BackwardApproximation, Gradient, Observed

RECIPE = Recipe(
    name="CGH",
    title="Collaborative Generative Hashing for Marketing and Fast Cold-Start Recommendation",
    venue="IEEE Intelligent Systems",
    year=2020,
    reference=72,
    task="cold start",
    feedback="explicit",
    tower=Sides(user=Content(decoder="linear"), item=Content(decoder="linear")),
    objective=(MSE(), LinearReconstruction(weight=0.8)),
    constraints=(BitCertainty(weight=1e-4),),
    strategy=BackwardApproximation(
        gradient=DoublySemantic(),
        solver=Gradient(
            sampler=Observed(batch_size=2000, negatives=4), epochs=30, learning_rate=1e-2
        ),
    ),
    fidelity="simplified: observed pairs in batches for random blocks; signs of -1 and 1 in the "
    "score, where the authors' code has 0 and 1; the paper's marketing step is left out",
)
