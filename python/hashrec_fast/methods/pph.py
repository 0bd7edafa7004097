# SPDX-License-Identifier: Apache-2.0
"""PPH: Preference Preserving Hashing (Zhang, Wang, Ruan, Si, SIGIR 2014), survey reference 56.

Pointwise, two-stage. Factors of nearly equal norm, then signs and two bits for what is left of the
item norm; ``n_bits`` counts them.
"""

from hashrec_fast.losses import MSE, NormTarget
from hashrec_fast.quantizers import NormBits
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import PPHALS
from hashrec_fast.training import ForwardApproximation

RECIPE = Recipe(
    name="PPH",
    title="Preference Preserving Hashing for Efficient Recommendation",
    venue="SIGIR",
    year=2014,
    reference=56,
    feedback="explicit",
    objective=(MSE(),),
    constraints=(NormTarget(weight=10.0),),
    strategy=ForwardApproximation(solver=PPHALS(), quantizer=NormBits()),
    fidelity="simplified: after code of others; Newton steps are safeguarded; the "
    "norm weight was chosen on validation (there: 0.01)",
)
