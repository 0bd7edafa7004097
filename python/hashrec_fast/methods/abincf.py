# SPDX-License-Identifier: Apache-2.0
"""ABinCF-like: codes trained against a discriminator (Wang et al., AAAI 2019). Experimental.

Listwise in form, two-stage with a forward approximation: erf whose slope grows. The paper's other
relaxation is ``activation=GumbelSign(noise="gaussian")``.
"""

from hashrec_fast.binarizers import EpochSchedule, Erf
from hashrec_fast.losses import L2, AdversarialRanking
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import JudgedEmbedding
from hashrec_fast.training import ForwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="ABinCF-like",
    title="Adversarial Binary Collaborative Filtering for Implicit Feedback",
    venue="AAAI",
    year=2019,
    tower=JudgedEmbedding(),
    objective=(AdversarialRanking(),),
    constraints=(L2(weight=1e-3),),
    strategy=ForwardApproximation(
        activation=Erf(schedule=EpochSchedule(kind="sqrt", rate=10.0)),
        solver=Gradient(
            sampler=Pairs(batch_size=2048, negatives=32), epochs=100, learning_rate=5e-3
        ),
    ),
    fidelity="reconstruction: after the abstract and IRGAN from memory; exact means over a sampled "
    "pool in place of policy gradients, pool, schedule and all numbers are ours",
)
