# SPDX-License-Identifier: Apache-2.0
"""WDCF: whole-data discrete collaborative filtering, the default of this package.

Pointwise, one-stage. Every unobserved pair is a weak negative, pairs inside a Hamming ball are
strong ones, and a float teacher's best unseen items are soft positives; codes are annealed by
mean-field steps and end in hard bit flips.
"""

from hashrec_fast.losses import SoftPositives, SquaredHinge, WholeDataSquare
from hashrec_fast.recipe import Recipe
from hashrec_fast.solvers import ImplicitALS, Schedule, Teacher, Variant, WholeDataDCD
from hashrec_fast.training import OneStage

# Without soft positives the annealed schedule overfits light users: only hard rounds, and
# validation decides between plain least squares and the hinge.
PLAIN = Variant(
    name="least squares",
    objective=(WholeDataSquare(rest_weight=0.4),),
    schedule=Schedule(initial_temperature=0.0, soft_rounds=0, hard_rounds=12),
)
HINGE = Variant(
    name="hinge",
    objective=(
        WholeDataSquare(target=1.3, rest_weight=0.25, user_power=0.6),
        SquaredHinge(weight=0.2, margin=0.15),
    ),
    schedule=Schedule(initial_temperature=0.0, soft_rounds=0, hard_rounds=16, hinge_from=6),
)
RECIPE = Recipe(
    name="WDCF",
    title="Whole-data discrete collaborative filtering",
    venue="hashrec_fast",
    year=2026,
    objective=(WholeDataSquare(), SquaredHinge(), SoftPositives()),
    strategy=OneStage(solver=WholeDataDCD(without_teacher=(PLAIN, HINGE))),
    teacher=Teacher(
        candidates=(
            ImplicitALS(n_factors=256, alpha=40.0, reg=60.0),
            ImplicitALS(n_factors=128, alpha=40.0, reg=60.0),
            ImplicitALS(n_factors=64, alpha=10.0, reg=30.0),
        )
    ),
    fidelity="own",
)
