# SPDX-License-Identifier: Apache-2.0
"""BiVAEB: signs of the means of a BiVAE, what its codes lose (baseline of HCFRec, IJCAI 2022).

Pointwise, two-stage with a forward approximation.
"""

from hashrec_fast.losses import LatentKL, Poisson
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Hamming
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, ForwardApproximation, Gradient

RECIPE = Recipe(
    name="BiVAEB",
    title="Bilateral Variational Autoencoder for Collaborative Filtering",
    venue="WSDM",
    year=2021,
    tower=History(hidden=(40,), activation="tanh", variational=True),
    objective=(Poisson(link="sigmoid"), LatentKL()),
    similarity=Hamming(by_bit=False),
    strategy=ForwardApproximation(
        solver=Gradient(
            sampler=Blocks(users=128, items=128, alternate=True),
            epochs=100,
            learning_rate=1e-2,
            metric="ndcg@10",
        ),
    ),
)
