# SPDX-License-Identifier: Apache-2.0
"""One step's pairs of users and items, and what losses want to know of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.solvers.data_terms.targets import RatingScale


@dataclass(frozen=True, eq=False)
class Batch:
    """Lists of items, one user each.

    Attributes
    ----------
    users : int64 (n_lists,)
        May repeat.
    items : int64 (n_lists, length), or (length,) where all lists hold the same items
    values : float32 (n_lists, length)
        Stored value of observed pairs.
    observed, mask : bool (n_lists, length)
        Whether a pair is observed, and whether it is there at all.
    positives : (indptr, indices) or None
        Instead of values and masks: the observed items of every list, as places in ``items``;
        for losses that look at the whole catalogue.
    train_side : {"user", "item"} or None
        The only side that learns from this batch, where the sides take turns.
    """

    users: Tensor
    items: Tensor
    values: Tensor | None = None
    observed: Tensor | None = None
    mask: Tensor | None = None
    positives: tuple[Tensor, Tensor] | None = None
    train_side: str | None = None

    @property
    def shared(self) -> bool:
        """Whether all lists hold the same items."""
        return self.items.ndim == 1

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        names = ("users", "items", "values", "observed", "mask")
        moved = {
            name: value.to(device) for name in names if (value := getattr(self, name)) is not None
        }
        if self.positives is not None:
            moved["positives"] = tuple(part.to(device) for part in self.positives)
        return replace(self, **moved)

    def relevance(self, wanted: str, scale: RatingScale) -> Tensor:
        """Labels in [0, 1], targets in [-1, 1] or grades; see :class:`Loss`."""
        if self.values is None or self.observed is None:
            raise ValueError("a batch of the whole catalogue holds no pairs for this loss")
        graded = scale.high > scale.low
        labels = torch.ones_like(self.values)
        if graded:
            labels = ((self.values - scale.low) / (scale.high - scale.low)).clamp(0, 1)
        if wanted == "targets":
            return torch.where(self.observed, 2 * labels - 1, -torch.ones_like(labels))
        if wanted == "grades":
            grades = self.values - scale.low + 1 if graded else labels
            return torch.where(self.observed, grades, torch.zeros_like(labels))
        return torch.where(self.observed, labels, torch.zeros_like(labels))


def tensor_batch(
    users: NDArray[np.int64],
    items: NDArray[np.int64],
    values: NDArray[np.floating],
    observed: NDArray[np.bool_],
    mask: NDArray[np.bool_] | None = None,
    train_side: str | None = None,
) -> Batch:
    """A batch from numpy arrays; without ``mask`` every pair is there."""
    return Batch(
        torch.from_numpy(np.ascontiguousarray(users)),
        torch.from_numpy(np.ascontiguousarray(items)),
        torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)),
        torch.from_numpy(np.ascontiguousarray(observed)),
        torch.from_numpy(np.ones(observed.shape, bool) if mask is None else mask),
        train_side=train_side,
    )
