# SPDX-License-Identifier: Apache-2.0
"""CFcodeReg: what CCSR compares with as Zhou and Zha (KDD 2012); see ``bccf`` for the paper's own.

Pointwise, two-stage. ``sum_O (r - 1/2 - p'q / (2 f))^2 + weight / f (||P||^2 + ||Q||^2)`` over the
box of the codes, ratings scaled to [0, 1], then medians.

Deviations: alternating least squares in the place of stochastic gradient descent; the weight was
chosen on validation data and divided by f. With that of CCSR, 0.4 f, codes rank like chance.
"""

from hashrec_fast.losses import L2, MSE
from hashrec_fast.quantizers import Median
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import BoxALS
from hashrec_fast.training import ForwardApproximation

RECIPE = Recipe(
    name="CFcodeReg",
    title="Learning Binary Codes for Collaborative Filtering (as a baseline of CCSR)",
    venue="AdKDD",
    year=2022,
    feedback="explicit",
    objective=(MSE(),),
    constraints=(L2(weight=1.0),),
    strategy=ForwardApproximation(solver=BoxALS(), quantizer=Median()),
    fidelity="simplified: alternating least squares, weight chosen on validation; CCSR's 0.4 ranks "
    "like chance",
)
