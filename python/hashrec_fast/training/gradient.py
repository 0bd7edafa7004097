# SPDX-License-Identifier: Apache-2.0
"""Gradient descent as a recipe part: the settings of the training loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.evaluation.metric_names import parse_metric
from hashrec_fast.field_checks import check_fields
from hashrec_fast.losses.weighted import Weighted
from hashrec_fast.ranges import (
    Count,
    Main,
    Metric,
    NonNegative,
    Positive,
    ShareBelowOne,
    ZeroOrMore,
)
from hashrec_fast.training.samplers import Pairs, Sampler


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """Adam on batches, early stop on validation with the codes themselves.

    Attributes
    ----------
    sampler : Sampler
        Which pairs a step sees.
    epochs : int
        Most passes over the training pairs.
    learning_rate : float
        Step length of Adam.
    weight_decay : float
        Decay of all parameters, decoupled from the gradient (AdamW).
    clip_norm : float
        Largest norm of the gradient of a step; 0 leaves it as it is.
    average : float
        Weight of the old value in a running mean of the parameters over the steps, which is what
        is measured and exported; 0 exports the parameters of the last step.
    evaluate_every : int
        Epochs between looks at the validation pairs, where there are any. They are ranked by what
        is exported, packed codes and never relaxed values; the best epoch is the one kept.
    patience : int
        Looks without gain after which training ends; 0 never ends early.
    metric : str
        What the best epoch is chosen by, a metric of :func:`hashrec_fast.evaluate`.
    candidates : {"all", "test"}
        What the validation pairs are ranked among: all items, or one another (ratings).
    checkpoint_every : int
        Epochs between checkpoints, where a file is given to ``fit``.
    """

    sampler: Sampler = field(default_factory=Pairs)
    epochs: Main[Count] = 100
    learning_rate: Main[Positive] = 1e-3
    weight_decay: NonNegative = 0.0
    clip_norm: NonNegative = 0.0
    average: ShareBelowOne = 0.0
    evaluate_every: Count = 5
    patience: ZeroOrMore = 10
    metric: Metric = "recall@50"
    candidates: Literal["all", "test"] = "all"
    checkpoint_every: Count = 10

    def __post_init__(self) -> None:
        check_fields(self)
        parse_metric(self.metric)

    def check_terms(self, objective: tuple[Any, ...], constraints: tuple[Any, ...]) -> None:
        """Raise ``ValueError`` for a term that the loop or its sampler cannot serve."""
        for term in objective:
            inner = term.loss if isinstance(term, Weighted) else term
            name = type(inner).__name__
            if not term.differentiable:
                raise ValueError(f"{name} has no differentiable value, so no gradient to follow")
            wanted = inner.batches if term.samples == "batch" else {term.samples}
            kinds = wanted | ({"catalogue"} if hasattr(inner, "catalogue") else set())
            if kinds and not kinds & self.sampler.serves:
                raise ValueError(
                    f"{name} looks at {' or '.join(sorted(wanted))} samples, but "
                    f"{type(self.sampler).__name__} "
                    f"gives {' or '.join(sorted(self.sampler.serves))} ones"
                )
        for part in constraints:
            if not hasattr(part, "penalty"):
                raise ValueError(f"Gradient has no use for {type(part).__name__}")

    def check_teacher(self, teacher: Any) -> None:
        """Raise ``ValueError`` for a teacher that cannot teach a tower."""
        if not hasattr(teacher, "teach"):
            raise ValueError(f"Gradient has no use for {type(teacher).__name__} as a teacher")

    def read(self, terms: Terms) -> None:
        """All terms, once :meth:`check_terms` has nothing against them."""
        self.check_terms(terms.objective, terms.constraints)
        terms.every(object)

    def solve(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Train the tower and turn its outputs into codes or factors."""
        from hashrec_fast.training.loop import train  # noqa: PLC0415 - imports torch

        own = terms
        if teacher is not None:
            self.check_teacher(teacher)
            own = teacher.teach(user_items, own, context)
        elif lost := [t for t in own.objective if getattr(t, "needs_teacher", False)]:
            raise ValueError(f"{type(lost[0]).__name__} follows a teacher, got teacher=None")
        return train(self, user_items, own, context)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[Any]:
        """Codes or factors of new rows: by the tower where it reads rows, else least squares."""
        from hashrec_fast.training.new_rows import encode_rows  # noqa: PLC0415 - imports torch

        return encode_rows(rows, side, fitted, terms, context)

    def feature_sides(self, terms: Terms) -> frozenset[str]:
        """Sides that the tower encodes from features."""
        return frozenset() if terms.tower is None else frozenset(terms.tower.feature_sides())

    def encode(
        self, features: tuple[sp.csr_matrix, ...], side: str, fitted: Solution, terms: Terms
    ) -> NDArray[np.float32]:
        """Outputs of the tower for rows known by their features alone."""
        tower: Any = terms.tower
        arrays = {k[6:]: v for k, v in fitted.arrays.items() if k.startswith("tower_")}
        return np.asarray(tower.encode_features(features, side, arrays), dtype=np.float32)
