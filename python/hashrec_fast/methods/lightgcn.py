# SPDX-License-Identifier: Apache-2.0
"""LightGCN: vectors smoothed over the graph, trained by BPR (He et al., SIGIR 2020).

Float factors, no hashing: a reference that codes are measured against.
"""

from hashrec_fast.losses import BPR, L2
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Propagation
from hashrec_fast.training import FloatFactors, Gradient, Pairs

RECIPE = Recipe(
    name="LightGCN",
    title="LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation",
    venue="SIGIR",
    year=2020,
    tower=Propagation(layers=3),
    objective=(BPR(sharpness=1.0),),
    constraints=(L2(weight=1e-4),),
    strategy=FloatFactors(solver=Gradient(sampler=Pairs(batch_size=2048), epochs=200)),
    fidelity="faithful",
)
