# SPDX-License-Identifier: Apache-2.0
"""The estimators: scikit-learn's parameter rules, implicit's verbs."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import NotFittedError, check_int, check_random_state
from hashrec_fast.inputs import as_new_rows, as_user_items
from hashrec_fast.persistence import read_model, write_model
from hashrec_fast.progress import Progress
from hashrec_fast.ranking import recommend_rows, similar_rows
from hashrec_fast.recipe import Recipe, flat_parameters, from_json, to_json, with_parameters
from hashrec_fast.retrieval import FloatScan
from hashrec_fast.retrieval.code_index import CodeIndex
from hashrec_fast.retrieval.kinds import INDEX_KINDS, create_index
from hashrec_fast.solvers.context import FitContext, Fitted, silent
from hashrec_fast.training.strategies import terms_by_name

OWN_PARAMETERS = ("recipe", "n_bits", "random_state", "num_threads", "device", "index")


class Recommender:
    """Base of both estimators; see :func:`hashrec_fast.create` for the parameters.

    ``__init__`` only stores; everything is checked in :meth:`fit`. Fitted attributes end in an
    underscore: ``history_`` (one dict per round), ``user_items_`` (the training matrix) and the
    codes or factors of the subclass.
    """

    kind: ClassVar[str] = "base"
    indexes: ClassVar[tuple[str, ...]] = ()
    """Values that the parameter ``index`` may have."""
    _item_index: Any = None
    _user_index: Any = None

    def __init__(
        self,
        recipe: Recipe,
        *,
        n_bits: int = 64,
        random_state: int | None = None,
        num_threads: int = 0,
        device: str = "cpu",
        index: str = "linear_scan",
    ) -> None:
        self.recipe = recipe
        self.n_bits = n_bits
        self.random_state = random_state
        self.num_threads = num_threads
        self.device = device
        self.index = index

    # --- parameters ------------------------------------------------------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name; with ``deep`` also the recipe's, flat."""
        own = {name: getattr(self, name) for name in OWN_PARAMETERS}
        return {**own, **flat_parameters(self.recipe)} if deep else own

    def set_params(self, **params: Any) -> Self:
        """Set own or recipe parameters; unknown names raise ``ValueError``."""
        for name in OWN_PARAMETERS:
            if name in params:
                setattr(self, name, params.pop(name))
        self._item_index = self._user_index = None  # made again with the new parameters
        if params:
            self.recipe = with_parameters(self.recipe, **params)
        return self

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.recipe.name}, n_bits={self.n_bits}, "
            f"random_state={self.random_state})"
        )

    def _check(self) -> None:
        check_int(self.n_bits, "n_bits", minimum=1, maximum=4096)
        check_int(self.num_threads, "num_threads", minimum=0)
        self._check_index()
        if self.device != "cpu":
            raise ValueError(f"{self.recipe.name} runs on device='cpu' only, got {self.device!r}")

    def _check_index(self) -> None:
        if self.index not in self.indexes:
            raise ValueError(
                f"index must be one of {self.indexes} for {self.recipe.name}, got {self.index!r}"
            )

    # --- fitting ---------------------------------------------------------------------------

    def fit(
        self,
        user_items: Any,
        side_info: Any = None,
        validation: Any = None,
        show_progress: bool = True,
        callback: Callable[[dict[str, Any]], None] | None = None,
    ) -> Self:
        """Learn codes (or factors) from interactions.

        Parameters
        ----------
        user_items : scipy.sparse CSR matrix or array (n_users, n_items), or a Dataset
            Implicit methods take every stored non-zero as a positive; explicit methods take the
            stored values as ratings (a Dataset's ``ratings`` where it has them).
        side_info : mapping or None
            For methods that use features or a graph; others raise where it is given.
        validation : CSR of the same shape, or None
            Held-out pairs for choices made inside the fit.
        show_progress : bool
            A progress bar on a terminal.
        callback : callable or None
            Called with a dict after each round; an exception it raises stops the fit.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            For unusable input, naming what was given and what was wanted.
        """
        self._check()
        if side_info is not None:
            raise ValueError(
                f"{self.recipe.name} uses no side_info, got {type(side_info).__name__}"
            )
        explicit = self.recipe.feedback == "explicit"
        matrix = as_user_items(user_items, explicit=explicit)
        held_out = None
        if validation is not None:
            held_out = as_user_items(validation, explicit=explicit, name="validation", empty=True)
            if held_out.shape != matrix.shape:
                raise ValueError(
                    f"validation must have the shape of user_items {matrix.shape}, "
                    f"got {held_out.shape}"
                )
            held_out = held_out if held_out.nnz else None
        terms = terms_by_name(self.recipe.objective, self.recipe.constraints)
        with Progress(self.recipe.name, show_progress, callback) as progress:
            fitted = self.recipe.strategy.solver.solve(
                matrix, terms, self.recipe.teacher, self._context(held_out, progress.report)
            )
        self._adopt(fitted, matrix)
        return self

    def _context(
        self,
        validation: sp.csr_matrix | None = None,
        report: Callable[[dict[str, Any]], None] = silent,
    ) -> FitContext:
        rng = check_random_state(self.random_state)
        return FitContext(self.n_bits, rng, self.num_threads, validation, report)

    def _adopt(self, fitted: Fitted, user_items: sp.csr_matrix) -> None:
        self.fitted_ = fitted
        self.history_ = fitted.history
        self.user_items_ = user_items
        self._item_index = self._user_index = None

    def _require_fit(self) -> Fitted:
        if not hasattr(self, "fitted_"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet; call fit first")
        return self.fitted_

    # --- using -----------------------------------------------------------------------------

    def recommend(
        self,
        userid: int | ArrayLike,
        user_items: Any = None,
        N: int = 10,
        filter_already_liked_items: bool = True,
        filter_items: ArrayLike | None = None,
        items: ArrayLike | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Best ``N`` items of one user or of many (ids first, as implicit does).

        Parameters
        ----------
        userid : int or array of int
            One user gives 1-D results, an array gives 2-D results.
        user_items : CSR with one row per user asked for, or None
            Their interactions, used for filtering; ``None`` takes the training matrix.
        N : int
        filter_already_liked_items : bool
        filter_items : ids that must not appear, or None
        items : the only ids that may appear, or None

        Returns
        -------
        ids : int64, (N,) or (n_users, N)
            -1 where there are fewer than ``N`` items left.
        scores : float32 of the same shape
            Similarity, higher is better: ``n_bits - 2 * distance`` for codes; -inf at id -1.
            Equal scores are in ascending order of ids.

        Raises
        ------
        IndexError
            For a user or item id out of range.
        """
        self._require_fit()
        return recommend_rows(
            self, userid, user_items, N, filter_already_liked_items, filter_items, items
        )

    def similar_items(
        self,
        itemid: int | ArrayLike,
        N: int = 10,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``N`` items nearest to one item or many, themselves included (ids first)."""
        return similar_rows(self._require_fit().item, self._items(), itemid, N, self, "item")

    def similar_users(
        self,
        userid: int | ArrayLike,
        N: int = 10,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``N`` users nearest to one user or many, themselves included (ids first)."""
        return similar_rows(self._require_fit().user, self._users(), userid, N, self, "user")

    def encode_users(self, user_items: Any) -> NDArray[Any]:
        """Codes (or factors) of new users from their interactions, (n_new, n_items) CSR."""
        return self._encode(user_items, "user")

    def encode_items(self, item_users: Any) -> NDArray[Any]:
        """Codes (or factors) of new items from their interactions, (n_new, n_users) CSR."""
        return self._encode(item_users, "item")

    def _encode(self, rows: Any, side: str) -> NDArray[Any]:
        fitted = self._require_fit()
        other = fitted.item if side == "user" else fitted.user
        explicit = self.recipe.feedback == "explicit"
        matrix = as_new_rows(rows, len(other), explicit=explicit)
        terms = terms_by_name(self.recipe.objective, self.recipe.constraints)
        solver = self.recipe.strategy.solver
        return solver.fold_in(matrix, side, fitted, terms, self._context())

    def _items(self) -> Any:
        if self._item_index is None:
            self._item_index = self._make_index(self._require_fit().item)
        return self._item_index

    def _users(self) -> Any:
        if self._user_index is None:
            self._user_index = self._make_index(self._require_fit().user)
        return self._user_index

    def _make_index(self, rows: NDArray[Any]) -> Any:
        raise NotImplementedError

    # --- saving ----------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to one safetensors file, whole or not at all.

        The training matrix is written too, so that a loaded model can filter what was seen.
        """
        write_model(path, self._require_fit(), self.user_items_, self.kind, self._settings())

    def _settings(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in OWN_PARAMETERS if name != "recipe"}
        return {**own, "recipe": to_json(self.recipe)}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recommender:
        """Read a model written by :meth:`save`; same as :func:`hashrec_fast.load`."""
        return load(path)


class HashRecommender(Recommender):
    """A recommender of binary codes, searched in Hamming space.

    The search is exact with ``index="linear_scan"`` and ``"multi_index"``; with ``"hash_table"``
    it is approximate, so that items can be missed.
    """

    kind = "codes"
    indexes = tuple(INDEX_KINDS)

    @property
    def user_codes_(self) -> NDArray[np.uint64]:
        """Packed codes of the users, uint64 (n_users, ceil(n_bits / 64))."""
        return self._require_fit().user

    @property
    def item_codes_(self) -> NDArray[np.uint64]:
        """Packed codes of the items, uint64 (n_items, ceil(n_bits / 64))."""
        return self._require_fit().item

    def _make_index(self, rows: NDArray[Any]) -> CodeIndex:
        self._check_index()
        index = create_index(self.index, self.n_bits, self.num_threads)
        index.add(rows)
        return index


class FloatRecommender(Recommender):
    """A recommender of float factors, scored by inner product: the reference for codes."""

    kind = "factors"
    indexes = ("linear_scan",)

    @property
    def user_factors_(self) -> NDArray[np.float32]:
        """Factors of the users, float32 (n_users, n_factors)."""
        return self._require_fit().user

    @property
    def item_factors_(self) -> NDArray[np.float32]:
        """Factors of the items, float32 (n_items, n_factors)."""
        return self._require_fit().item

    def _make_index(self, rows: NDArray[Any]) -> FloatScan:
        return FloatScan(rows)


def load(path: str | os.PathLike[str]) -> Recommender:
    """Read a model saved by any estimator of this package.

    Parameters
    ----------
    path : path of a safetensors file

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is not a whole model of this package.
    """
    kind, settings, fitted, user_items = read_model(path)
    classes: dict[str, type[Recommender]] = {c.kind: c for c in (HashRecommender, FloatRecommender)}
    if kind not in classes:
        raise ValueError(f"{path}: unknown kind of model {kind!r}")
    recipe = from_json(settings.pop("recipe"))
    model = classes[kind](recipe, **settings)
    model._adopt(fitted, user_items)
    return model
