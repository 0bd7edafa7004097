# SPDX-License-Identifier: Apache-2.0
"""First vectors of a tower from factors that a compiled solver finds in seconds."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.quantizers.rotation import learn_rotation
from hashrec_fast.solvers import ImplicitALS
from hashrec_fast.solvers.context import FitContext, RecipeTerms, silent


@dataclass(frozen=True, kw_only=True)
class FactorStart:
    """A teacher that only says where to begin: float factors, turned to lie near signs.

    Both sides' factors are given rows of one length and one rotation, by which inner products
    stay what they are while signs lose little (ITQ). Only towers of free vectors can begin there.

    Attributes
    ----------
    solver : ImplicitALS
    rounds : int
        Most rounds of the search for the rotation.
    deviation : float
        Root mean square of the first values.
    """

    solver: ImplicitALS = field(default_factory=ImplicitALS)
    rounds: int = 30
    deviation: float = 0.1

    def teach(
        self, user_items: sp.csr_matrix, terms: RecipeTerms, context: FitContext
    ) -> RecipeTerms:
        """The terms of a recipe whose tower begins at the factors."""
        rng = context.rng.spawn(1)[0]
        if context.checkpoint is not None and context.checkpoint.exists():
            return terms  # the state to go on with is in there
        apart = dataclasses.replace(context, rng=rng, report=silent, checkpoint=None)
        fitted = self.solver.solve(user_items, terms, None, apart)
        user, item = (_unit(rows) for rows in (fitted.user, fitted.item))
        turn, _ = learn_rotation(user, item, _zero, rounds=self.rounds)
        scale = self.deviation * np.sqrt(user.shape[1])
        starts = [(rows @ turn * scale).astype(np.float32) for rows in (user, item)]
        return RecipeTerms(
            terms.objective,
            terms.constraints,
            _Started(terms.tower, starts[0], starts[1]),
            terms.similarity,
        )


@dataclass(frozen=True)
class _Started:
    """A tower whose network begins at given rows."""

    tower: Any
    user: NDArray[np.float32]
    item: NDArray[np.float32]

    def build(self, data: Any) -> Any:
        network = self.tower.build(data)
        if not hasattr(network, "start_from"):
            raise ValueError(
                f"{type(self.tower).__name__} has no free vectors that could begin at factors; "
                "set teacher=None"
            )
        network.start_from(self.user, self.item)
        return network


def _zero(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.zeros(rows.shape[1])


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float64)
