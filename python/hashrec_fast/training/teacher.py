# SPDX-License-Identifier: Apache-2.0
"""A float model that is trained first, from which the codes' tower learns."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import scipy.sparse as sp

from hashrec_fast.contracts import FitContext, RecipeTerms
from hashrec_fast.field_checks import check_fields
from hashrec_fast.losses import BPR, L2
from hashrec_fast.ranges import AnyPart, AnyPartOrNone, Count
from hashrec_fast.retrieval.similarities import InnerProduct
from hashrec_fast.training.compatibility import check_abilities
from hashrec_fast.training.gradient import Gradient


@dataclass(frozen=True, kw_only=True)
class GraphTeacher:
    """Trains a tower without any signs, then hands over its vectors and its lists of best items.

    For each user and each block of the teacher's rows the items of the largest inner products are
    kept, training items among them; terms such as ``RankingDistillation`` follow them. Where
    training goes on from a checkpoint the lists come from there, and no teacher is trained again.

    Attributes
    ----------
    tower : Tower or None
        What is trained; ``None`` takes the recipe's own tower, and then the codes' tower starts
        where the teacher ended.
    objective : tuple of parts
        What the teacher minimises.
    constraints : tuple of parts
        Penalties beside the teacher's objective.
    solver : Gradient
        How the teacher is trained.
    lists : int
        Length of the lists.
    """

    tower: AnyPartOrNone = None
    objective: tuple[AnyPart, ...] = (BPR(sharpness=1.0),)
    constraints: tuple[AnyPart, ...] = (L2(weight=1e-4),)
    solver: Gradient = field(default_factory=Gradient)
    lists: Count = 100

    def __post_init__(self) -> None:
        check_fields(self)
        self.solver.check_terms(self.objective, self.constraints)

    def teach(
        self, user_items: sp.csr_matrix, terms: RecipeTerms, context: FitContext
    ) -> RecipeTerms:
        """The terms of a recipe with a tower that has learnt from the trained teacher."""
        from hashrec_fast.training.taught import Taught, learn  # noqa: PLC0415 - imports torch

        check_abilities(self.objective, self.tower or terms.tower)
        own = RecipeTerms(
            self.objective, self.constraints, self.tower or terms.tower, InnerProduct()
        )
        apart = dataclasses.replace(context, rng=context.rng.spawn(1)[0], checkpoint=None)
        trained = context.checkpoint is not None and context.checkpoint.exists()
        lesson = None if trained else learn(self, user_items, own, apart)
        tower = Taught(terms.tower, own.tower, lesson, self.lists, starts=self.tower is None)
        return RecipeTerms(terms.objective, terms.constraints, tower, terms.similarity)
