# SPDX-License-Identifier: Apache-2.0
"""SimpleX: histories, cosines and a contrast with many negatives (Mao et al., CIKM 2021).

Float factors, no hashing: a reference that codes are measured against.
"""

from hashrec_fast.losses import L2, CosineContrast
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Cosine
from hashrec_fast.towers import Behaviour
from hashrec_fast.training import FloatFactors, Gradient, Pairs

RECIPE = Recipe(
    name="SimpleX",
    title="SimpleX: A Simple and Strong Baseline for Collaborative Filtering",
    venue="CIKM",
    year=2021,
    tower=Behaviour(),
    objective=(CosineContrast(margin=0.3, negative_weight=20.0),),
    constraints=(L2(weight=1e-4),),
    similarity=Cosine(),
    strategy=FloatFactors(
        solver=Gradient(
            sampler=Pairs(batch_size=2048, negatives=100), epochs=60, learning_rate=1e-2
        )
    ),
    fidelity="simplified: a user's history beyond 100 items is drawn once; the loss is quoted from "
    "memory, its margin and weight are ours",
)
