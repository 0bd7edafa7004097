# SPDX-License-Identifier: Apache-2.0
"""LightFR: lightweight federated recommendation (Zhang et al., ACM TOIS 2024), survey ref. 89.

DCF without delegates in a simulated federation: devices keep ratings and user codes, the server
learns item codes from uploads of one error vector per rated item. Ratings that are all equal are
taken as implicit feedback, with four negatives drawn by every device per rated item.

``user_codes_`` exists because all devices live in this process. What the uploads reveal stands in
``hashrec_fast.solvers.federation.messages``.
"""

from hashrec_fast.losses import MSE
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import FederatedDCD
from hashrec_fast.training import OneStage

RECIPE = Recipe(
    name="LightFR",
    title="LightFR: Lightweight Federated Recommendation with Privacy-preserving Matrix "
    "Factorization",
    venue="ACM TOIS",
    year=2024,
    reference=89,
    task="federated",
    feedback="explicit",
    objective=(MSE(),),
    strategy=OneStage(solver=FederatedDCD()),
    fidelity="simplified: all devices are simulated in one process and sampled without replacement",
)
