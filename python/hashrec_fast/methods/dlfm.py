# SPDX-License-Identifier: Apache-2.0
"""DLFM-like: Discrete Listwise Factorization Machines (Luo et al., TKDD 2024).

Listwise, proximal one-stage: NDCG at 10 by NeuralSort of the scores of a factorization machine
with codes of users, items and item features (survey eqs. 20-22, 50). ``item_codes_`` are
``sign(v_i + sum_j x_ij c_j)``. Real linear weights are learnt where ``linear_rate`` is above zero;
a search by codes alone leaves them out and does better when the codes were trained without them.
"""

from hashrec_fast.losses import FMScore, NeuralNDCG
from hashrec_fast.recipe import Recipe
from hashrec_fast.training import GNCCP, GnccpPath, Proximal

RECIPE = Recipe(
    name="DLFM-like",
    title="Discrete Listwise Content-aware Recommendation",
    venue="TKDD",
    year=2024,
    reference=88,
    task="features",
    objective=(NeuralNDCG(k=10, temperature=10.0, sharpness=4.0),),
    constraints=(FMScore(n_features=100, linear_rate=0.0),),
    strategy=Proximal(
        solver=GNCCP(path=GnccpPath(decrement=0.1, iterations=5, scaling="rows"), negatives=4.0)
    ),
    fidelity="reconstruction: fields, retrieval and linear weights (off) are ours",
)
