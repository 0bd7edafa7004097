# SPDX-License-Identifier: Apache-2.0
"""The estimators: scikit-learn's parameter rules, implicit's verbs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from hashrec_fast._utils import check_random_state
from hashrec_fast.contracts import FitContext, silent
from hashrec_fast.data.event_rows import EventRows
from hashrec_fast.data.side_inputs import SideInfo, as_side_info
from hashrec_fast.encoding import encode_rows
from hashrec_fast.fitted import Fitted
from hashrec_fast.inputs import as_held_out, as_user_items
from hashrec_fast.persistence import read_model, write_model
from hashrec_fast.progress import Progress
from hashrec_fast.ranking import Ranker
from hashrec_fast.recipe import Recipe
from hashrec_fast.recipe_parameters import (
    OWN_PARAMETERS,
    check_own_parameters,
    flat_parameters,
    with_parameters,
)
from hashrec_fast.scikit_learn import ScikitLearnModel
from hashrec_fast.types import (
    FeaturesInput,
    HasScores,
    IndexName,
    Interactions,
    PathLike,
    Side,
    SideInfoInput,
    SparseMatrix,
)


def check_own(recipe: Recipe, own: dict[str, Any]) -> dict[str, Any]:
    """Parameters of the estimator as plain values, or raise for one that no fit could use."""
    device = own.get("device", "cpu")
    if isinstance(device, str) and not re.fullmatch(r"cpu|cuda(:\d+)?", device):
        raise ValueError(f"device must be 'cpu' or 'cuda', got {device!r}")
    return check_own_parameters(recipe.name, recipe.index_kinds, own)


class Recommender(ScikitLearnModel):
    """Base of both estimators; see :func:`hashrec_fast.create` for the parameters.

    ``__init__`` only stores; everything is checked in :meth:`fit`. Fitted attributes end in an
    underscore: ``history_`` (one dict per round), ``user_items_`` (the training matrix) and the
    codes or factors of the subclass.
    """

    kind: ClassVar[str] = "base"

    def __init__(
        self,
        recipe: Recipe,
        *,
        n_bits: int = 64,
        random_state: int | None = None,
        num_threads: int = 0,
        device: str = "cpu",
        index: IndexName = "linear_scan",
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
        """Set own or recipe parameters for the next fit, all of them or none.

        A fitted model stays what it is until it is fitted again.

        Raises
        ------
        ValueError
            For an unknown name or a value out of range; nothing is changed then.
        TypeError
            For a value of another type.
        """
        own = {name: params.pop(name) for name in OWN_PARAMETERS if name in params}
        recipe = with_parameters(self._checked(own.pop("recipe", self.recipe)), **params)
        self._checked(recipe)  # another strategy may yield another kind
        checked = check_own(recipe, self._own() | own)
        for name, value in {"recipe": recipe, **checked}.items():
            setattr(self, name, value)
        return self

    def _checked(self, recipe: Recipe) -> Recipe:
        """The recipe, or raise where it is none or yields what this class does not hold."""
        if not isinstance(recipe, Recipe):
            raise TypeError(f"recipe must be a Recipe, got {recipe!r} ({type(recipe).__name__})")
        if recipe.kind != self.kind:
            raise ValueError(
                f"{recipe.name} yields {recipe.kind}, {type(self).__name__} holds {self.kind}; "
                "hf.create makes a model of the right class"
            )
        return recipe

    def _own(self) -> dict[str, Any]:
        """Parameters besides the recipe, as they stand."""
        return {name: getattr(self, name) for name in OWN_PARAMETERS if name != "recipe"}

    def __repr__(self) -> str:
        name = getattr(self.recipe, "name", self.recipe)
        return (
            f"{type(self).__name__}({name}, n_bits={self.n_bits}, random_state={self.random_state})"
        )

    # --- fitting ---------------------------------------------------------------------------

    def fit(
        self,
        user_items: Interactions,
        side_info: SideInfoInput | None = None,
        validation: Interactions | None = None,
        show_progress: bool = True,
        callback: Callable[[dict[str, Any]], None] | None = None,
        checkpoint: PathLike | None = None,
    ) -> Self:
        """Learn codes (or factors) from interactions.

        Parameters
        ----------
        user_items : scipy.sparse CSR matrix or array (n_users, n_items), Dataset or EventRows
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
        own = check_own(self._checked(self.recipe), self._own())
        own["index_kind"] = own.pop("index")
        self.recipe.strategy.check_device(self.device)
        if isinstance(user_items, EventRows):
            user_items = user_items.selected
        explicit = self.recipe.feedback == "explicit"
        matrix = as_user_items(user_items, explicit=explicit)
        held_out = None
        if validation is not None:
            held_out = as_held_out(
                validation, explicit=explicit, name="validation", shape=matrix.shape
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
        self._adopt(
            Fitted(
                **vars(fitted),
                **own,
                recipe=self.recipe,
                kind=self.kind,
                user_items=matrix,
            )
        )
        return self

    def _context(
        self,
        validation: sp.csr_matrix | None = None,
        report: Callable[[dict[str, Any]], None] = silent,
        side_info: SideInfo | None = None,
        checkpoint: Path | None = None,
    ) -> FitContext:
        return FitContext(
            self.n_bits,
            check_random_state(self.random_state),
            self.num_threads,
            validation,
            report,
            side_info or SideInfo(),
            self.device,
            checkpoint=checkpoint,
        )

    def _checkpoint(self, path: PathLike | None) -> Path | None:
        if path is None:
            return None
        if not self.recipe.strategy.follows_gradients:
            raise ValueError(f"{self.recipe.name} keeps no checkpoints; leave checkpoint=None")
        if Path(path).is_dir():
            raise IsADirectoryError(f"checkpoint must name a file, {path} is a folder")
        if not Path(path).absolute().parent.is_dir():
            raise FileNotFoundError(f"folder {Path(path).absolute().parent} does not exist")
        return Path(path)

    def _adopt(self, fitted: Fitted) -> None:
        self.fitted_ = fitted
        self._ranker = Ranker(fitted)

    def set_index(self, kind: IndexName) -> Self:
        """Search the fitted rows by another kind of index from now on.

        Parameters
        ----------
        kind : {"linear_scan", "multi_index", "hash_table"}
            The parameter ``index`` is set too, so that the next fit keeps the choice.

        Raises
        ------
        NotFittedError
            Before :meth:`fit`.
        ValueError
            For a kind that cannot search what the method learns.
        """
        fitted = self._require_fit().fitted
        check_own(fitted.recipe, {"index": kind})
        self._adopt(dataclasses.replace(fitted, index_kind=kind))
        self.index = kind
        return self

    # --- using -----------------------------------------------------------------------------

    def recommend(
        self,
        userid: int | ArrayLike,
        user_items: SparseMatrix | None = None,
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
        return self._require_fit().recommend(
            userid,
            user_items,
            N,
            filter_liked=filter_already_liked_items,
            filter_items=filter_items,
            items=items,
        )

    def similar_items(
        self,
        itemid: int | ArrayLike,
        N: int = 10,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``N`` items nearest to one item or many, themselves included (ids first)."""
        return self._require_fit().similar("item", itemid, N)

    def similar_users(
        self,
        userid: int | ArrayLike,
        N: int = 10,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``N`` users nearest to one user or many, themselves included (ids first)."""
        return self._require_fit().similar("user", userid, N)

    def encode_users(
        self,
        user_items: Interactions | FeaturesInput | None = None,
        *,
        features: FeaturesInput | None = None,
    ) -> NDArray[Any]:
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

    def encode_items(
        self,
        item_users: Interactions | FeaturesInput | None = None,
        *,
        features: FeaturesInput | None = None,
    ) -> NDArray[Any]:
        """Codes (or factors) of new items; see :meth:`encode_users`.

        ``item_users`` is a CSR (n_new, n_users), ``features`` has one row per new item.
        """
        return self._encode(item_users, features, "item")

    def _encode(
        self,
        rows: Interactions | FeaturesInput | None,
        features: FeaturesInput | None,
        side: Side,
    ) -> NDArray[Any]:
        return encode_rows(self._require_fit().fitted, rows, features, side)

    # --- saving ----------------------------------------------------------------------------

    def save(self, path: PathLike) -> None:
        """Write the fitted model to one safetensors file, whole or not at all.

        The training matrix is written too, so that a loaded model can filter what was seen.
        """
        write_model(path, self._require_fit().fitted)

    @staticmethod
    def load(path: PathLike, trust: Sequence[str] = ()) -> HashRecommender | FloatRecommender:
        """Read a model written by :meth:`save`; same as :func:`hashrec_fast.load`."""
        return load(path, trust)


class HashRecommender(Recommender):
    """A recommender of binary codes, searched in Hamming space.

    The search is exact with ``index="linear_scan"`` and ``"multi_index"``; with ``"hash_table"``
    it is approximate, so that items can be missed.
    """

    kind = "codes"

    @property
    def user_codes_(self) -> NDArray[np.uint64]:
        """Packed codes of the users, uint64 (n_users, ceil(n_bits / 64))."""
        return self._require_fit().fitted.user

    @property
    def item_codes_(self) -> NDArray[np.uint64]:
        """Packed codes of the items, uint64 (n_items, ceil(n_bits / 64))."""
        return self._require_fit().fitted.item

    @property
    def ranking_factors_(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Dense rows whose inner products rank as the model does, where codes alone do not.

        ``None`` for methods ranked by the plain Hamming distance.
        """
        fitted = self._require_fit().fitted
        return fitted.similarity.factors(fitted, fitted.n_bits)

    @property
    def ranking_scores_(self) -> HasScores | None:
        """Scorer of all items as a model with a second stage ranks them; ``None`` for others.

        An object with ``score(user_ids)``: each user's candidates before all other items.
        """
        fitted = self._require_fit().fitted
        reranker = fitted.recipe.reranker
        if reranker is None:
            return None
        found: HasScores = reranker.ranking(
            fitted.similarity, fitted, fitted.user_items, fitted.n_bits
        )
        return found


class FloatRecommender(Recommender):
    """A recommender of float factors, scored by inner product: the reference for codes."""

    kind = "factors"

    @property
    def user_factors_(self) -> NDArray[np.float32]:
        """Factors of the users, float32 (n_users, n_factors)."""
        return self._require_fit().fitted.user

    @property
    def item_factors_(self) -> NDArray[np.float32]:
        """Factors of the items, float32 (n_items, n_factors)."""
        return self._require_fit().fitted.item


def model_of(recipe: Recipe, **own: Any) -> HashRecommender | FloatRecommender:
    """An unfitted model of a recipe; ``own`` are the estimator's own parameters, checked."""
    kind = HashRecommender if recipe.is_binary else FloatRecommender
    return kind(recipe).set_params(**own)


def load(path: PathLike, trust: Sequence[str] = ()) -> HashRecommender | FloatRecommender:
    """Read a model saved by any estimator of this package.

    Parameters
    ----------
    path : path of a safetensors file
    trust : sequence of str
        Names of modules, such as ``"mypackage.losses"``, whose parts the model may be made of
        besides those of this package. A file never decides what is imported.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where the file is not a whole model of this package, or is made of parts of a module that
        is not trusted; the message names it.
    """
    if isinstance(trust, str) or not isinstance(trust, Sequence):
        raise TypeError(
            f"trust must be a sequence of module names, got {type(trust).__name__} {trust!r}"
        )
    fitted = read_model(path, trust)
    own = {
        name: getattr(fitted, name) for name in OWN_PARAMETERS if name not in {"recipe", "index"}
    }
    model = model_of(fitted.recipe, **own, index=fitted.index_kind)
    model._adopt(fitted)
    return model
