# SPDX-License-Identifier: Apache-2.0
"""BGCH: bipartite graph convolutional hashing (Chen et al., WWW 2023), survey reference 86.

Two-stage with a backward approximation: codes of every layer with a scale per row and layer,
gradients by a Fourier series, the strongest direction of the vectors shrunk.
"""

from hashrec_fast.binarizers import Fourier
from hashrec_fast.losses import BCE, BPR, L2, Weighted
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import LayerScaled
from hashrec_fast.towers import Dispersion, Propagation
from hashrec_fast.training import BackwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="BGCH",
    title="Bipartite Graph Convolutional Hashing for Effective and Efficient Top-N Search in "
    "Hamming Space",
    venue="WWW",
    year=2023,
    reference=86,
    tower=Propagation(layers=2, readout="layers", projection=True, dispersion=Dispersion()),
    objective=(BPR(sharpness=3.0), Weighted(loss=BCE(sharpness=1.0), on="base")),
    constraints=(L2(weight=1e-2),),
    similarity=LayerScaled(),
    strategy=BackwardApproximation(
        gradient=Fourier(scale="row", terms=4, half_period=4.0),
        solver=Gradient(
            sampler=Pairs(batch_size=8192, weight="user"), epochs=80, learning_rate=5e-3
        ),
    ),
    fidelity="faithful",
)
