# SPDX-License-Identifier: Apache-2.0
"""NQ-like: direction and norm quantised apart (Zhang et al., GLOBECOM 2016), survey ref. 57.

Pointwise, two-stage. Unconstrained matrix factorisation, then signs of the rotated directions and
as many levels of the item norm as keep inner products best.
"""

from hashrec_fast.losses import L2, MSE
from hashrec_fast.quantizers import NormLevels
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import RatingALS
from hashrec_fast.training import ForwardApproximation

RECIPE = Recipe(
    name="NQ-like",
    title="Constraint Free Preference Preserving Hashing for Fast Recommendation",
    venue="IEEE GLOBECOM",
    year=2016,
    reference=57,
    feedback="explicit",
    objective=(MSE(),),
    constraints=(L2(weight=0.2),),
    strategy=ForwardApproximation(solver=RatingALS(), quantizer=NormLevels()),
    fidelity="reconstruction: after the abstract; the rotation, the thermometer of norm levels and "
    "how their number is chosen are ours",
)
