# SPDX-License-Identifier: Apache-2.0
"""BCCF: Learning Binary Codes for Collaborative Filtering (Zhou, Zha, KDD 2012), survey ref. 54.

Pointwise, two-stage. Real factors in the box of the codes with balanced columns, then one
rotation of both sides and medians.
"""

from hashrec_fast.losses import MSE, Balance
from hashrec_fast.quantizers import ITQ
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import BoxALS
from hashrec_fast.training import ForwardApproximation

RECIPE = Recipe(
    name="BCCF",
    title="Learning Binary Codes for Collaborative Filtering",
    venue="KDD",
    year=2012,
    reference=54,
    feedback="explicit",
    objective=(MSE(),),
    constraints=(Balance(weight=0.001),),
    strategy=ForwardApproximation(solver=BoxALS(), quantizer=ITQ()),
    fidelity="simplified: columns of blocks of rows are solved exactly, not row after row; balance "
    "weight chosen on validation (after code of others: 0.01); the pairwise variant is left out",
)
