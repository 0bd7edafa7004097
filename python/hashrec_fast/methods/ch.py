# SPDX-License-Identifier: Apache-2.0
"""CH: Collaborative Hashing (Liu, He, Deng, Lang, CVPR 2014), survey reference 55.

Pointwise, two-stage. Orthogonal factors of the whole rating matrix by polar decompositions, then
signs.
"""

from hashrec_fast.losses import TraceAgreement
from hashrec_fast.quantizers import Sign
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import OrthogonalFactors
from hashrec_fast.training import ForwardApproximation

RECIPE = Recipe(
    name="CH",
    title="Collaborative Hashing",
    venue="CVPR",
    year=2014,
    reference=55,
    feedback="explicit",
    objective=(TraceAgreement(),),
    strategy=ForwardApproximation(solver=OrthogonalFactors(noise=1.5), quantizer=Sign()),
    fidelity="simplified: after code of others, without the paper's terms of quantisation; "
    "directions weaker than noise are left out",
)
