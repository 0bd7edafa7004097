# SPDX-License-Identifier: Apache-2.0
"""HCFRec/no.C: HCFRec with nothing to keep clusters consistent (IJCAI 2022).

Pointwise, two-stage with a backward approximation: signs of the drawn rows in the loop.
"""

from hashrec_fast.binarizers import Straight
from hashrec_fast.losses import FlowKL, LatentKL, Poisson
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import BackwardApproximation, Blocks, Gradient

RECIPE = Recipe(
    name="HCFRec/no.C",
    title="Hash Collaborative Filtering via Normalized Flow with Structural Consensus "
    "for Efficient Recommendation",
    venue="IJCAI",
    year=2022,
    tower=History(
        hidden=(200,), activation="tanh", unit_rows=True, start_deviation=1.0,
        variational=True, flow_steps=4, waiting="mean",
    ),
    objective=(
        Poisson(link="sigmoid", sharpness=12.0, positive_weight=4.0),
        LatentKL(weight=0.05), FlowKL(weight=0.005),
    ),
    strategy=BackwardApproximation(
        gradient=Straight(),
        solver=Gradient(
            sampler=Blocks(users=128, items=128, steps=16, alternate=True),
            epochs=60, learning_rate=0.01, clip_norm=5.0, average=0.9, patience=4,
            metric="ndcg@10",
        ),
    ),
    fidelity="simplified: a sigmoid rate, weights of divergences and of what is observed, rows of "
    "length 1, a running mean of the parameters are ours",
)  # fmt: skip
