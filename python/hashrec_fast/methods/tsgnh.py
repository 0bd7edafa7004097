# SPDX-License-Identifier: Apache-2.0
"""TSGNH: temporal social graph network hashing (Xu et al., TKDE 2024), survey reference 91.

Pointwise, two-stage with a forward approximation: rows are read from histories in their order,
friends and attributes of items by attention.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import Balance, BoundedBCE, Decorrelation
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import AttentionHistory
from hashrec_fast.training import ForwardApproximation, Gradient, Observed

RECIPE = Recipe(
    name="TSGNH",
    title="Temporal Social Graph Network Hashing for Efficient Recommendation",
    venue="IEEE TKDE",
    year=2024,
    reference=91,
    task="social",
    feedback="explicit",
    tower=AttentionHistory(),
    objective=(BoundedBCE(),),
    constraints=(Balance(weight=1e-5), Decorrelation(weight=1e-5)),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="sqrt", rate=1.0)),
        solver=Gradient(
            sampler=Observed(batch_size=256, negatives=1), epochs=10, learning_rate=1e-3
        ),
    ),
    fidelity="simplified: a schedule for the learned slope of tanh, a head for each side (the "
    "authors train one and evaluate by another), regularisers along rows, vectors of 64; ratings "
    "are labels from lowest to highest; the short-term attention is ours",
)
