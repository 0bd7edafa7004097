# SPDX-License-Identifier: Apache-2.0
"""The estimators: scikit-learn's parameter rules, implicit's verbs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import NotFittedError, check_random_state
from hashrec_fast.contracts import FitContext, Fitted, silent
from hashrec_fast.data.matrices import as_views
from hashrec_fast.data.side_inputs import SideInfo, as_side_info
from hashrec_fast.inputs import as_new_rows, as_user_items, is_features
from hashrec_fast.persistence import read_model, write_model
from hashrec_fast.progress import Progress
from hashrec_fast.ranking import recommend_rows, similar_rows
from hashrec_fast.recipe import Recipe, from_json, to_json
from hashrec_fast.recipe_parameters import (
    OWN_PARAMETERS,
    check_own_parameters,
    flat_parameters,
    with_parameters,
)
from hashrec_fast.retrieval import FloatScan
from hashrec_fast.retrieval.code_index import CodeIndex
from hashrec_fast.retrieval.registry import INDEX_KINDS, create_index
from hashrec_fast.retrieval.similarities import Similarity


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
        """Parameters by name, with ``deep`` those of :func:`hashrec_fast.parameters` too."""
        own = {name: getattr(self, name) for name in OWN_PARAMETERS}
        return {**own, **flat_parameters(self.recipe)} if deep else own

    def set_params(self, **params: Any) -> Self:
        """Set own or recipe parameters, all of them or, where one is wrong, none.

        Raises
        ------
        ValueError
            For an unknown name or a value out of its range.
        TypeError
            For a value of another type.
        """
        own = {name: params.pop(name) for name in OWN_PARAMETERS if name in params}
        recipe = with_parameters(own.pop("recipe", self.recipe), **params)
        own = check_own_parameters(recipe.name, self.index_choices(recipe), own)
        for name, value in {"recipe": recipe, **own}.items():
            setattr(self, name, value)
        self._item_index = self._user_index = None  # made again with the new parameters
        return self

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.recipe.name}, n_bits={self.n_bits}, "
            f"random_state={self.random_state})"
        )

    def _check(self) -> None:
        own = {name: getattr(self, name) for name in OWN_PARAMETERS if name != "recipe"}
        check_own_parameters(self.recipe.name, self.index_choices(self.recipe), own)
        self.recipe.strategy.check_device(self.device)

    def _check_index(self) -> None:
        check_own_parameters(
            self.recipe.name, self.index_choices(self.recipe), {"index": self.index}
        )

    @classmethod
    def index_choices(cls, recipe: Recipe) -> tuple[str, ...]:
        """What ``index`` may be for a recipe."""
        similarity: Similarity = recipe.terms().similarity
        return tuple(similarity.index_kinds or cls.indexes)

    # --- fitting ---------------------------------------------------------------------------

    def fit(
        self,
        user_items: Any,
        side_info: Any = None,
        validation: Any = None,
        show_progress: bool = True,
        callback: Callable[[dict[str, Any]], None] | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
    ) -> Self:
        """Learn codes (or factors) from interactions.

        Parameters
        ----------
        user_items : scipy.sparse CSR matrix or array (n_users, n_items), or a Dataset
            Implicit methods take every stored non-zero as a positive; explicit methods take the
            stored values as ratings (a Dataset's ``ratings`` where it has them).
        side_info : mapping, Dataset or None
            ``item_features``, ``user_features`` (a matrix with one row per item or user, or a list
            of such views), ``social`` (n_users, n_users), ``examined`` (a second behaviour,
            n_users, n_items), ``timestamps`` (n_users, n_items), and where items are outfits
            ``outfits`` (n_items, n_garments), ``garment_features`` (two views) and
            ``garment_attributes``, for methods that use them; others raise where it is given.
            ``None`` takes what the method can use from a Dataset given as ``user_items``.
        validation : CSR of the same shape, or None
            Held-out pairs for choices made inside the fit.
        show_progress : bool
            A progress bar on a terminal.
        callback : callable or None
            Called with a dict after each round; an exception it raises stops the fit.
        checkpoint : path or None
            For methods that follow gradients: the file in which the state is kept every
            ``checkpoint_every`` epochs. Where the file is there, training goes
            on from it and ends with the same codes as a run without a break (on the CPU, with the
            same ``random_state`` and threads).

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            For unusable input, naming what was given and what was wanted.
        """
        self._check()
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
            if held_out.nnz == 0 and self.recipe.strategy.follows_gradients:
                raise ValueError(
                    "validation holds no pairs; give some, or None to train without early stop"
                )
            held_out = held_out if held_out.nnz else None
        side = as_side_info(
            side_info,
            needs=self.recipe.needs,
            uses=self.recipe.uses,
            shape=matrix.shape,
            method=self.recipe.name,
            source=user_items,
        )
        terms = self.recipe.terms()
        with Progress(self.recipe.name, show_progress, callback) as progress:
            context = self._context(held_out, progress.report, side, self._checkpoint(checkpoint))
            fitted = self.recipe.strategy.fit(matrix, terms, self.recipe.teacher, context)
            if self.recipe.reranker is not None:
                self.recipe.reranker.train(matrix, fitted, terms, context)
        if side.widths():
            fitted.facts["feature_widths"] = side.widths()
        self._adopt(fitted, matrix)
        return self

    def _context(
        self,
        validation: sp.csr_matrix | None = None,
        report: Callable[[dict[str, Any]], None] = silent,
        side_info: SideInfo | None = None,
        checkpoint: Path | None = None,
    ) -> FitContext:
        rng = check_random_state(self.random_state)
        return FitContext(
            self.n_bits,
            rng,
            self.num_threads,
            validation,
            report,
            side_info or SideInfo(),
            self.device,
            checkpoint=checkpoint,
        )

    def _checkpoint(self, path: str | os.PathLike[str] | None) -> Path | None:
        if path is None:
            return None
        if not self.recipe.strategy.follows_gradients:
            raise ValueError(f"{self.recipe.name} keeps no checkpoints; leave checkpoint=None")
        if Path(path).is_dir():
            raise IsADirectoryError(f"checkpoint must name a file, {path} is a folder")
        if not Path(path).absolute().parent.is_dir():
            raise FileNotFoundError(f"folder {Path(path).absolute().parent} does not exist")
        return Path(path)

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

    def encode_users(self, user_items: Any = None, *, features: Any = None) -> NDArray[Any]:
        """Codes (or factors) of new users.

        Parameters
        ----------
        user_items : CSR (n_new, n_items)
            Their interactions. A method trained with user features also takes a feature matrix
            here, told apart by its number of columns; where both fit, these are interactions.
        features : matrix (n_new, n_features), or a list of views
            Features of users without interactions, for methods that learn from user features.

        Returns
        -------
        uint64 (n_new, ceil(n_bits / 64)) or float32 (n_new, n_factors)

        Raises
        ------
        ValueError
            For a matrix of another width than in training, or features that the method cannot use.
        """
        return self._encode(user_items, features, "user")

    def encode_items(self, item_users: Any = None, *, features: Any = None) -> NDArray[Any]:
        """Codes (or factors) of new items; see :meth:`encode_users`.

        ``item_users`` is a CSR (n_new, n_users), ``features`` has one row per new item.
        """
        return self._encode(item_users, features, "item")

    def _encode(self, rows: Any, features: Any, side: str) -> NDArray[Any]:
        fitted = self._require_fit()
        if (rows is None) == (features is None):
            raise ValueError("give either interactions or features of the new rows, not both")
        terms = self.recipe.terms()
        strategy = self.recipe.strategy
        other = fitted.item if side == "user" else fitted.user
        widths = fitted.facts.get("feature_widths", {}).get(side)
        if widths is not None and side not in strategy.feature_sides(terms):
            widths = None
        if features is None and widths is not None and is_features(rows, widths, len(other)):
            rows, features = None, rows
        if features is None:
            matrix = as_new_rows(rows, len(other), explicit=self.recipe.feedback == "explicit")
            return np.asarray(strategy.fold_in(matrix, side, fitted, terms, self._context()))
        if widths is None:
            raise ValueError(
                f"this {self.recipe.name} model cannot encode {side}s from features; "
                f"give their interactions, {len(other)} columns"
            )
        views = as_views(features, "features")
        if [view.shape[1] for view in views] != widths:
            raise ValueError(
                f"features must have the widths of training, {widths}, "
                f"got {[view.shape[1] for view in views]}"
            )
        return np.asarray(strategy.encode(views, side, fitted, terms, self._context()))

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

    @property
    def ranking_factors_(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Dense rows whose inner products rank as the model does, where codes alone do not.

        ``None`` for methods ranked by the plain Hamming distance.
        """
        similarity: Similarity = self.recipe.terms().similarity
        return similarity.factors(self._require_fit(), self.n_bits)

    @property
    def ranking_scores_(self) -> Any:
        """What scores all items as a model with a second stage ranks them; ``None`` for others.

        An object with ``score(user_ids)``: each user's candidates before all other items.
        """
        fitted = self._require_fit()
        if self.recipe.reranker is None:
            return None
        similarity = self.recipe.terms().similarity
        return self.recipe.reranker.ranking(similarity, fitted, self.user_items_, self.n_bits)

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
