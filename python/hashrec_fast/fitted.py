# SPDX-License-Identifier: Apache-2.0
"""Fit of a model: what its solver found, and the settings by which it is used from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import Solution
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval.similarities import Similarity


@dataclass(kw_only=True)
class Fitted(Solution):
    """A fit with all that ranking, encoding, saving and evaluating read.

    Parameters of the model are wishes for its next fit; what is here stays as it was fitted.

    Attributes
    ----------
    recipe : Recipe
        The method as it was fitted.
    kind : {"codes", "factors"}
    n_bits : int
        Code length, or number of factors.
    index_kind : str
        How rows are searched.
    user_items : csr_matrix (n_users, n_items)
        The training matrix, whose entries count as seen.
    random_state, num_threads, device
        As they were for the fit.

    Raises
    ------
    ValueError
        Where the similarity ranks by an array that is not there.
    """

    recipe: Recipe
    kind: str
    n_bits: int
    index_kind: str
    user_items: sp.csr_matrix
    random_state: int | None = None
    num_threads: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        lacking = [name for name in self.similarity.arrays if name not in self.arrays]
        if lacking:
            raise ValueError(
                f"{type(self.similarity).__name__} ranks by {', '.join(lacking)}, which "
                f"{self.recipe.name} does not learn"
            )

    @property
    def similarity(self) -> Similarity:
        """Similarity by which two rows are scored."""
        return self.recipe.scored_by

    def rows(self, side: str) -> NDArray[Any]:
        """Codes or factors of a side, "user" or "item"."""
        return self.user if side == "user" else self.item
