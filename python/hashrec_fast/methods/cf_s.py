# SPDX-License-Identifier: Apache-2.0
"""CF-S: signs of plain matrix factorisation, the simplest two-stage baseline.

Pointwise, two-stage. ``sum_O (r - p'q)^2 + weight (||p||^2 + ||q||^2)``, ratings as given.

Deviations: alternating least squares in the place of stochastic gradient descent; the weight was
chosen on validation data. With that of CCSR, 0.4, factors have rank one and rank like chance.
"""

from hashrec_fast.losses import L2, MSE
from hashrec_fast.quantizers import Sign
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import RatingALS
from hashrec_fast.training import ForwardApproximation

RECIPE = Recipe(
    name="CF-S",
    title="Matrix factorisation and signs (a baseline of CCSR)",
    venue="AdKDD",
    year=2022,
    feedback="explicit",
    objective=(MSE(),),
    constraints=(L2(weight=0.2),),
    strategy=ForwardApproximation(solver=RatingALS(), quantizer=Sign()),
    fidelity="simplified: alternating least squares, weight chosen on validation; CCSR's 0.4 ranks "
    "like chance",
)
