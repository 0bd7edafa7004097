# SPDX-License-Identifier: Apache-2.0
"""SRLoss + AAGE: smooth recall with signs in the loop (AAAI 2024 student abstract).

Listwise, two-stage with a backward approximation. The rank of every training positive among all
items is made smooth, and gradients pass the sign by SignSwish.

The paper names neither layers nor learning rate, and ranks differ from its printed ones, which
count the items below. Differences of scores have the temperature 4 on the integers ``b'd`` of 64
bits; with the paper's 1 recall of validation pairs was much lower.
"""

from hashrec_fast.binarizers import SignSwish
from hashrec_fast.losses import L2, SmoothRecall
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Propagation
from hashrec_fast.training import BackwardApproximation, Catalogue, Gradient

RECIPE = Recipe(
    name="SRLoss",
    title="Optimizing Recall in Deep Graph Hashing Framework for Item Retrieval",
    venue="AAAI",
    year=2024,
    tower=Propagation(layers=3),
    objective=(SmoothRecall(n=50.0, inner_temperature=1 / 16),),
    constraints=(L2(weight=1e-2),),
    strategy=BackwardApproximation(
        gradient=SignSwish(beta=5.0),
        solver=Gradient(
            sampler=Catalogue(pairs=2048),
            epochs=60,
            learning_rate=1e-2,
            average=0.98,
            evaluate_every=3,
            patience=5,
        ),
    ),
    fidelity="simplified: ranks corrected; layers, temperatures, the running mean are ours",
)
