# SPDX-License-Identifier: Apache-2.0
"""SDMF: Semi-Discrete Matrix Factorization (Luo et al., IEEE Intelligent Systems 2020), ref. 70.

Pointwise, one-stage. DCF without delegates: codes are anchored to real factors and to the centres
of their clusters, and unbalanced bits are penalised exactly.
"""

from hashrec_fast.losses import MSE, ExactBalance, RealAnchors
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="SDMF",
    title="Semi-Discrete Matrix Factorization",
    venue="IEEE Intelligent Systems",
    year=2020,
    reference=70,
    feedback="explicit",
    objective=(MSE(),),
    constraints=(RealAnchors(), ExactBalance()),
    strategy=OneStage(solver=DCD()),
    fidelity="simplified: real factors by alternating least squares on centred ratings; anchor "
    "weights a tenth and balance weight a thousandth of the authors'",
)
