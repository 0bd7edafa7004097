# SPDX-License-Identifier: Apache-2.0
"""BIHGH: bi-directional heterogeneous graph hashing (Guan et al., ACM MM 2022), survey ref. 79.

Pairwise (the survey's table says pointwise), two-stage with a forward approximation. Attention
walks from attributes over garments and outfits to users, and back.

Experimental: no data set of users and outfits is at hand, so it has only seen generated data.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BPR, CodeSimilarity, VisualSemantic
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import OutfitGraph
from hashrec_fast.training import ForwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="BIHGH",
    title="Bi-directional Heterogeneous Graph Hashing towards Efficient Outfit Recommendation",
    venue="ACM MM",
    year=2022,
    reference=79,
    task="outfit",
    tower=OutfitGraph(),
    objective=(BPR(sharpness=10.0), VisualSemantic(weight=1.0), CodeSimilarity(weight=0.04)),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(start=0.5)),
        solver=Gradient(
            sampler=Pairs(batch_size=128), epochs=10, learning_rate=3e-3, weight_decay=0.1
        ),
    ),
    fidelity="simplified: experimental, generated data only; two layers of four heads of 16 where "
    "the authors have four of eight of 64; users start from a table, outfits from their garments; "
    "relations from all training pairs; no warm-up; exported is one code per user and outfit",
)
