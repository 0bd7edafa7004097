# SPDX-License-Identifier: Apache-2.0
"""MF-BPR: matrix factorisation by Bayesian personalised ranking (Rendle et al., UAI 2009).

Float factors, no hashing: a reference that codes are measured against.
"""

from hashrec_fast.losses import BPR, L2
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Embedding
from hashrec_fast.training import FloatFactors, Gradient, Pairs

RECIPE = Recipe(
    name="MF-BPR",
    title="BPR: Bayesian Personalized Ranking from Implicit Feedback",
    venue="UAI",
    year=2009,
    tower=Embedding(),
    objective=(BPR(sharpness=1.0),),
    constraints=(L2(weight=1e-4),),
    strategy=FloatFactors(
        solver=Gradient(sampler=Pairs(batch_size=2048), epochs=200, learning_rate=5e-3)
    ),
    fidelity="faithful",
)
