# SPDX-License-Identifier: Apache-2.0
"""NeuHash-CF: content-aware neural hashing for cold start (Hansen et al., SIGIR 2020).

Pointwise, two-stage with a backward approximation, survey reference 69. Bits are Bernoulli; users
have free probabilities, items those that a network reads from their words, and give the words back.
"""

from hashrec_fast.binarizers import BernoulliStraight
from hashrec_fast.losses import NoisyRatingSquare, WordReconstruction
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Content, Embedding, Sides
from hashrec_fast.training import BackwardApproximation, Gradient, Observed

RECIPE = Recipe(
    name="NeuHash-CF",
    title="Content-aware Neural Hashing for Cold-start Recommendation",
    venue="SIGIR",
    year=2020,
    reference=69,
    task="cold start",
    feedback="explicit",
    tower=Sides(
        user=Embedding(start_deviation=0.577),
        item=Content(hidden=(1000, 1000), dropout=0.2, importance=True, decoder="words"),
    ),
    objective=(NoisyRatingSquare(noise=1.0), WordReconstruction(weight=1e-3)),
    strategy=BackwardApproximation(
        gradient=BernoulliStraight(),
        solver=Gradient(
            sampler=Observed(batch_size=2000, negatives=4), epochs=30, learning_rate=5e-4
        ),
    ),
    fidelity="simplified: noise sinks from epoch to epoch; epochs are ours; where all ratings are "
    "alike four unobserved items are drawn per pair",
)
