# SPDX-License-Identifier: Apache-2.0
"""BiVAE: variational encoders of users and of items, taking turns (WSDM 2021).

Float factors, no hashing: a reference that HCFRec's codes are measured against.
"""

from hashrec_fast.losses import LatentKL, Poisson
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import History
from hashrec_fast.training import Blocks, FloatFactors, Gradient

RECIPE = Recipe(
    name="BiVAE",
    title="Bilateral Variational Autoencoder for Collaborative Filtering",
    venue="WSDM",
    year=2021,
    tower=History(hidden=(40,), activation="tanh", variational=True),
    objective=(Poisson(link="sigmoid"), LatentKL()),
    strategy=FloatFactors(
        solver=Gradient(
            sampler=Blocks(users=128, items=128, alternate=True),
            epochs=100,
            learning_rate=1e-2,
            metric="ndcg@10",
        ),
    ),
    fidelity="faithful",
)
