# SPDX-License-Identifier: Apache-2.0
"""DFM: Discrete Factorization Machines (Liu et al., IJCAI 2018).

Pointwise, one-stage: user, item and item-feature codes and real linear weights. The exact score
``w_0 + w'x + u'(v_i + sum_j F_ij c_j)`` is :func:`hashrec_fast.solvers.fm_scores`. Retrieval by
``recommend`` is simpler: ``user_codes_`` are u, ``item_codes_`` are ``sign(v_i + sum_j F_ij c_j)``
with ties to v_i, which is v_i itself for features of absolute sum one; linear terms are left out.
Items without ratings are encoded as ``sign(sum_j F_ij c_j)``.
"""

from hashrec_fast.losses import BalanceDecorrelation, FMSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import DFM
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="DFM",
    title="Discrete Factorization Machines for Fast Feature-based Recommendation",
    venue="IJCAI",
    year=2018,
    reference=59,
    task="features",
    feedback="explicit",
    objective=(FMSquare(reg=0.0, n_features=100),),
    constraints=(BalanceDecorrelation(alpha=10.0, beta=10.0, gamma=10.0),),
    strategy=OneStage(solver=DFM(rounds=20)),
    fidelity="simplified: fields are user, item, item features; search leaves out linear terms",
)
