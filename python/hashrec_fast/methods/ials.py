# SPDX-License-Identifier: Apache-2.0
"""iALS: implicit-feedback alternating least squares (Hu, Koren, Volinsky, ICDM 2008).

Float factors, no hashing: the reference that codes are measured against.
"""

from hashrec_fast.losses import ConfidenceSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import ImplicitALS
from hashrec_fast.training import FloatFactors

RECIPE = Recipe(
    name="iALS",
    title="Collaborative Filtering for Implicit Feedback Datasets",
    venue="ICDM",
    year=2008,
    objective=(ConfidenceSquare(),),
    strategy=FloatFactors(solver=ImplicitALS(alpha=10.0, reg=30.0, iterations=15)),
    fidelity="faithful",
)
