# SPDX-License-Identifier: Apache-2.0
"""Ratings as scores in [-f, f] (survey eq. 14 on the raw scale)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True)
class RatingScale:
    """Lowest and highest rating; equal ones stand for implicit feedback, all targets ``f``."""

    low: float
    high: float

    @classmethod
    def of(
        cls, user_items: sp.csr_matrix, declared: tuple[float, float] | None = None
    ) -> RatingScale:
        """The declared scale, to which all ratings must belong, or the range of the ratings.

        Raises
        ------
        ValueError
            For a rating outside a declared scale, naming its user and item.
        """
        if declared is None:
            if user_items.nnz == 0:
                return cls(0.0, 0.0)
            return cls(float(user_items.data.min()), float(user_items.data.max()))
        low, high = (float(value) for value in declared)
        if not low < high:
            raise ValueError(f"scale must be (lowest, highest) rating, got {declared!r}")
        bad = np.flatnonzero((user_items.data < low) | (user_items.data > high))
        if bad.size:
            row = int(np.searchsorted(user_items.indptr, bad[0], side="right")) - 1
            raise ValueError(
                f"ratings must be from {low:g} to {high:g}, got {user_items.data[bad[0]]:g} "
                f"at user {row}, item {int(user_items.indices[bad[0]])}"
            )
        return cls(low, high)

    def targets(self, user_items: sp.csr_matrix, n_bits: int) -> NDArray[np.float64]:
        """Target score of every stored rating, float64 (nnz,); values beyond the scale clipped."""
        if not self.high > self.low:
            return np.full(user_items.nnz, float(n_bits))
        share = (user_items.data.astype(np.float64) - self.low) / (self.high - self.low)
        return np.asarray(np.clip(n_bits * (2 * share - 1), -n_bits, n_bits))

    def facts(self) -> dict[str, Any]:
        """The scale as JSON values."""
        return {"rating_range": [self.low, self.high]}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> RatingScale:
        """Inverse of :meth:`facts`."""
        return cls(*facts["rating_range"])
