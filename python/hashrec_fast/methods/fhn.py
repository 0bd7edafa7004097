# SPDX-License-Identifier: Apache-2.0
"""FHN: learning binary code for personalized fashion recommendation (Lu et al., CVPR 2019).

Pairwise, two-stage with a forward approximation, survey reference 66. Items are outfits made of
garments with a picture and a text; outfits that go together get more from every user.

Experimental: no data set of users and outfits is at hand, so it has only seen generated data.
"""

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BPR, VisualSemantic
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Biased
from hashrec_fast.towers import Outfits
from hashrec_fast.training import ForwardApproximation, Gradient, Pairs

RECIPE = Recipe(
    name="FHN",
    title="Learning Binary Code for Personalized Fashion Recommendation",
    venue="CVPR",
    year=2019,
    reference=66,
    task="outfit",
    tower=Outfits(),
    similarity=Biased(),
    objective=(BPR(sharpness=10.0), VisualSemantic(weight=0.1, margin=0.1)),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="sqrt", rate=1.0)),
        solver=Gradient(sampler=Pairs(batch_size=64), epochs=20),
    ),
    fidelity="simplified: experimental, generated data only; exported are one code per outfit, the "
    "signs of the mean over garments of both views, and one number, the mean weighted agreement "
    "of garments (variant T2); one encoder for all categories, features in place of pictures, "
    "Adam, negatives from the catalogue",
)
