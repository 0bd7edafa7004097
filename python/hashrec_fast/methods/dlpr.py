# SPDX-License-Identifier: Apache-2.0
"""DLPR: Discrete Listwise Personalized Ranking (Luo et al., IJCAI 2022).

Listwise, proximal one-stage. Average precision at 10 by NeuralSort, minimised over the box of
the codes on a path from convex to concave (survey eq. 50), users and items together.

Deviations: the scale of the loss is measured and divided out row by row (the survey's equation
and the authors' code leave it to luck), single bits of the users are flipped at the end, and the
slope of the sigmoid and the steps per value of the path were chosen on validation data.
"""

from hashrec_fast.losses import NeuralAP
from hashrec_fast.recipe import Recipe
from hashrec_fast.training import GNCCP, GnccpPath, Proximal

RECIPE = Recipe(
    name="DLPR",
    title="Discrete Listwise Personalized Ranking for Fast Top-N Recommendation with Implicit "
    "Feedback",
    venue="IJCAI",
    year=2022,
    reference=80,
    objective=(NeuralAP(k=10, temperature=10.0, sharpness=4.0),),
    strategy=Proximal(
        solver=GNCCP(path=GnccpPath(decrement=0.1, iterations=3, scaling="rows"), negatives=4.0)
    ),
    fidelity="simplified: rows are scaled and user bits flipped at the end, as the authors do not",
)
