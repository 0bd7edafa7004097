# SPDX-License-Identifier: Apache-2.0
"""Types of arguments, for annotations here and in code that calls this package.

An alias that names scipy or another room is a string at run time, so that nothing is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import scipy.sparse as sp

    from hashrec_fast.data.side_info import KnowledgeGraph

PathLike: TypeAlias = "str | os.PathLike[str]"

CSRMatrix: TypeAlias = "sp.csr_matrix | sp.csr_array"
SparseMatrix: TypeAlias = "sp.spmatrix | sp.sparray"
"""Any scipy sparse matrix or array."""
MatrixInput: TypeAlias = "SparseMatrix | NDArray[Any]"
"""A matrix of features or links, sparse or dense."""
FeaturesInput: TypeAlias = "MatrixInput | Sequence[MatrixInput]"
"""One matrix of features, or several views of the same rows."""


class HasInteractions(Protocol):
    """Holder of interactions, such as :class:`hashrec_fast.data.Dataset`."""

    @property
    def user_items(self) -> CSRMatrix:
        """Interactions (n_users, n_items)."""


Interactions: TypeAlias = "SparseMatrix | HasInteractions"
"""Who met what: a sparse matrix (n_users, n_items), or a data set that has one."""

SideInfoInput: TypeAlias = "Mapping[str, FeaturesInput | KnowledgeGraph | None] | HasInteractions"
"""Side information by name, or a data set that has it."""

ExcludeInput: TypeAlias = "CSRMatrix | tuple[ArrayLike, ArrayLike]"
"""Ids that each query must not return: a row per query, or the pair (indptr, ids)."""
AllowInput: TypeAlias = ArrayLike
"""The only ids that may be returned: a mask over ids, or the ids."""

IndexName = Literal["linear_scan", "multi_index", "hash_table"]
BitOrder = Literal["little", "big"]
Side = Literal["user", "item"]


class OfThisPackage(Protocol):
    """A model of this package, of codes or of factors."""

    @property
    def history_(self) -> list[dict[str, Any]]:
        """Measurements of each round of the fit."""


class HasCodes(Protocol):
    """A model of packed codes, ranked by the Hamming distance."""

    @property
    def user_codes_(self) -> NDArray[np.uint64]:
        """Packed codes (n_users, n_words)."""

    @property
    def item_codes_(self) -> NDArray[np.uint64]:
        """Packed codes (n_items, n_words)."""


class HasFactors(Protocol):
    """A model of real factors, ranked by the inner product."""

    @property
    def user_factors_(self) -> NDArray[np.floating]:
        """Factors (n_users, n_factors)."""

    @property
    def item_factors_(self) -> NDArray[np.floating]:
        """Factors (n_items, n_factors)."""


class HasScores(Protocol):
    """A model that scores all items for some users."""

    def score(self, user_ids: NDArray[np.int64], /) -> ArrayLike:
        """Scores (len(user_ids), n_items); higher is better."""


ItemScores: TypeAlias = "NDArray[np.floating | np.integer]"
"""One score per item, the same for all users."""
PairOfSides: TypeAlias = "tuple[ArrayLike, ArrayLike] | list[NDArray[Any]]"
"""Codes or factors of users and of items."""
Evaluable: TypeAlias = (
    "OfThisPackage | HasCodes | HasFactors | HasScores | ItemScores | PairOfSides"
)
"""What can be evaluated."""
