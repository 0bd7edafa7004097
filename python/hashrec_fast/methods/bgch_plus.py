# SPDX-License-Identifier: Apache-2.0
"""BGCH+-like: layered codes with contrasted noisy views (after Chen et al., TKDE 2024).

Two-stage with a backward approximation. Known from its abstract alone: BGCH without dispersion and
cross-entropy, but with InfoNCE between two noisy views of features and of codes.
"""

from hashrec_fast.binarizers import Fourier
from hashrec_fast.losses import BPR, L2, InfoNCE
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import LayerScaled
from hashrec_fast.towers import Propagation
from hashrec_fast.training import BackwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="BGCH+-like",
    title="Towards Effective Top-N Hamming Search via Bipartite Graph Contrastive Hashing",
    venue="TKDE",
    year=2024,
    reference=92,
    tower=Propagation(layers=2, readout="layers", projection=True, noise=0.1),
    objective=(BPR(sharpness=3.0), InfoNCE(code_weight=0.01, feature_weight=0.01)),
    constraints=(L2(weight=1e-2),),
    similarity=LayerScaled(),
    strategy=BackwardApproximation(
        gradient=Fourier(scale="row", terms=4, half_period=4.0),
        solver=Gradient(
            sampler=Pairs(batch_size=8192, weight="user"), epochs=80, learning_rate=5e-3
        ),
    ),
    fidelity="reconstruction: form of the noise, weights, temperature and defaults are ours",
)
