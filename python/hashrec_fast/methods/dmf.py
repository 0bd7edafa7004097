# SPDX-License-Identifier: Apache-2.0
"""DMF: Discrete Matrix Factorization (Lian et al., TKDE 2021), survey reference 75.

Pointwise, one-stage. Observed pairs towards f, all others towards 0 with weight rho, at the cost
of the observed ones; balance and decorrelation by separate targets; features, where there are
any, by orthogonal regression. ``objective=(Logistic(negatives=0), RestSquare())`` is its
logistic form.
"""

from hashrec_fast.losses import MSE, FeatureStiefel, RestSquare, TwoDelegates
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DMF",
    title="Discrete Matrix Factorization and Extension for Fast Item Recommendation",
    venue="TKDE",
    year=2021,
    reference=75,
    task="cold start",
    objective=(MSE(), RestSquare(weight=0.1, target=0.0)),
    constraints=(TwoDelegates(balance=0.1, decorrelation=0.1), FeatureStiefel(weight=1.0)),
    strategy=OneStage(solver=DCD(rounds=20)),
    fidelity="simplified: features enter as a linear term, not as concatenated auxiliary codes",
)
