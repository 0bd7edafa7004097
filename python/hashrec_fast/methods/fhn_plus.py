# SPDX-License-Identifier: Apache-2.0
"""FHN+-like: discrete content-based tensor factorization (Lu et al., TMM 2023), survey ref. 84.

Pairwise, two-stage with a forward approximation. FHN whose score also sums, over pairs of
garments, the products of the user's and both garments' bits.

Experimental: no data set of users and outfits is at hand, so it has only seen generated data.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BPR, VisualSemantic
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Biased
from hashrec_fast.towers import Outfits
from hashrec_fast.training import ForwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="FHN+-like",
    title="Personalized Fashion Recommendation With Discrete Content-Based Tensor Factorization",
    venue="IEEE TMM",
    year=2023,
    reference=84,
    task="outfit",
    tower=Outfits(triples=True),
    similarity=Biased(),
    objective=(BPR(sharpness=10.0), VisualSemantic(weight=0.1, margin=0.1)),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="sqrt", rate=1.0)),
        solver=Gradient(sampler=Pairs(batch_size=64), epochs=20),
    ),
    fidelity="reconstruction: experimental, generated data only; the terms of user, garment and "
    "garment are ours after the abstract, all else and what is exported as fhn",
)
