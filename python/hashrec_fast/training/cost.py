# SPDX-License-Identifier: Apache-2.0
"""The number that one step lowers: objective terms and penalties of a batch."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from hashrec_fast.contracts import Terms
from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.weighted import Weighted
from hashrec_fast.training.step import StepView


def cost_of(terms: Terms, view: StepView) -> Tensor:
    """Weighted sum of the means of all terms."""
    parts = [objective_value(term, view) for term in terms.objective]
    parts += [part.weight * penalty_value(part, view) for part in terms.constraints]
    total: Tensor = sum(parts[1:], start=parts[0])
    return total


def objective_value(term: Any, view: StepView) -> Tensor:
    """Mean of one term over what it is a sum of: pairs, comparisons or lists."""
    on_base = isinstance(term, Weighted) and term.on == "base"
    weight: float = term.weight if isinstance(term, Weighted) else 1.0
    loss: Any = term.loss if isinstance(term, Weighted) else term
    if loss.samples == "batch":
        value: Tensor = weight * loss.cost(view)
        return value
    if hasattr(loss, "at"):
        progress = view.step.epoch / max(1, view.step.epochs - 1)
        loss = loss.at(progress, view.network.n_rows["item"])
    rows = view.base if on_base else view.codes
    if view.batch.positives is not None:
        total: Tensor = weight * loss.catalogue(*view.vectors(rows), *view.batch.positives)
        return total
    return weight * loss_value(loss, view, view.scores_of(rows) if on_base else view.scores)


def loss_value(loss: Loss, view: StepView, scores: Tensor) -> Tensor:
    """Mean of a loss over the terms of its sum that are there."""
    mask = view.batch.mask
    assert mask is not None
    values = loss.value(scores, view.relevance(loss.relevance), mask)
    if values.ndim == 1:
        return values.mean()
    there = mask if values.shape == mask.shape else mask[:, 1:] & mask[:, :1]
    return values.sum() / there.sum().clamp(min=1)


def penalty_value(part: Any, view: StepView) -> Tensor:
    """One penalty over both sides, from which a side that waits is left out."""
    sides = [view.batch.train_side] if view.batch.train_side else ["user", "item"]
    if part.rows == "base":
        values = [part.penalty(view.base[side]) for side in sides]
    else:
        values = [part.penalty(view.real[side], view.codes[side]) for side in sides]
    total: Tensor = sum(values[1:], start=values[0])
    return total
