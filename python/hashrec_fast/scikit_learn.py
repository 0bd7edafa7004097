# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's conventions for models, besides those of parameters; it need not be installed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from hashrec_fast._utils import NotFittedError
from hashrec_fast.data.patterns import mask_csr
from hashrec_fast.evaluation.evaluate import evaluate
from hashrec_fast.evaluation.interactions import pair_keys
from hashrec_fast.inputs import as_held_out
from hashrec_fast.ranking import Ranker
from hashrec_fast.recipe import Recipe
from hashrec_fast.types import Interactions

if TYPE_CHECKING:
    from sklearn.utils import Tags

METRIC = "recall@50"


class ScikitLearnModel:
    """State of a model before and after its fit, as scikit-learn asks for it, and its score."""

    recipe: Recipe
    device: str
    _ranker: Ranker | None = None

    def _require_fit(self) -> Ranker:
        if self._ranker is None:
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet; call fit first")
        return self._ranker

    @property
    def history_(self) -> list[dict[str, Any]]:
        """Measurements of each round of the fit."""
        return self._require_fit().fitted.history

    @property
    def user_items_(self) -> sp.csr_matrix:
        """The training matrix, (n_users, n_items)."""
        return self._require_fit().fitted.user_items

    @property
    def n_features_in_(self) -> int:
        """Number of items: in scikit-learn's terms users are samples and items are features."""
        return int(self.user_items_.shape[1])

    def score(
        self,
        X: Interactions,
        y: object = None,  # noqa: ARG002 - scikit-learn's signature
    ) -> float:
        """Recall@50 of held-out interactions, higher is better; what searches maximise.

        ``1 / |U| sum_{u in U} |top50(u) & X_u| / |X_u|``, where ``X_u`` are the items of user u in
        ``X`` that are not in the training matrix, ``U`` are the users that have any, and
        ``top50(u)`` are the 50 best items for u outside the training matrix. Tied items count by
        the chance that they are among the 50. :func:`hashrec_fast.evaluate` has other metrics.

        Parameters
        ----------
        X : scipy sparse matrix (n_users, n_items), Dataset or EventRows
            Held-out pairs, which count alike whatever their rating; stored zeros do not count for
            implicit methods.
        y : ignored

        Returns
        -------
        float
            From 0 to 1; NaN where all pairs were trained on, so that there is no training score.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError, ValueError
            Where ``X`` is no such matrix, has another shape than the training matrix, or is empty.
        """
        fitted = self._require_fit().fitted
        given = as_held_out(
            X,
            explicit=fitted.recipe.feedback == "explicit",
            name="X",
            shape=fitted.user_items.shape,
            hint="; to hold out pairs and not users, split hf.data.EventRows(user_items)",
        )
        if given.nnz == 0:
            raise ValueError("X holds no interaction, so there is nothing to score")
        known = fitted.user_items
        held_out = mask_csr(given, ~np.isin(pair_keys(given), pair_keys(known)))
        if held_out.nnz == 0:
            return math.nan
        return evaluate(self, known, held_out, METRIC, num_threads=fitted.num_threads)[METRIC]

    def __sklearn_is_fitted__(self) -> bool:
        return self._ranker is not None

    def __sklearn_tags__(self) -> Tags:
        from sklearn.utils import InputTags, Tags, TargetTags  # noqa: PLC0415 - optional

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            input_tags=InputTags(
                two_d_array=False,  # dense arrays are refused
                sparse=True,
                positive_only=self.recipe.feedback != "explicit",
            ),
            non_deterministic=self.device != "cpu",
        )
