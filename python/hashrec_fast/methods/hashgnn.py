# SPDX-License-Identifier: Apache-2.0
"""HashGNN: sampled neighbours, rows hashed with a growing probability (Tan et al., WWW 2020).

Pointwise and pairwise, two-stage with a backward approximation. The authors rank 500 candidates of
the codes again by real outputs; here codes rank alone.
"""

from hashrec_fast.binarizers import Guided
from hashrec_fast.losses import BCE, BPR, Weighted
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import SampledSAGE
from hashrec_fast.training import BackwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="HashGNN",
    title="Learning to Hash with Graph Neural Networks for Recommender Systems",
    venue="WWW",
    year=2020,
    tower=SampledSAGE(),
    objective=(BPR(sharpness=10.0), Weighted(loss=BCE(sharpness=10.0), weight=0.1)),
    strategy=BackwardApproximation(
        gradient=Guided(),
        solver=Gradient(sampler=Pairs(batch_size=2048, negatives=10), epochs=20),
    ),
    fidelity="simplified: a step draws neighbours once for each distinct node, users and positives "
    "are hashed independently of one another, all rows by 4/5 of the epochs",
)
