# SPDX-License-Identifier: Apache-2.0
"""Reconstruction of interaction rows from their own vectors (CCSR eq. 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Reconstruct(Loss):
    """Mean of ``(x - decoded)^2`` over all columns, of users and of items, and the two added.

    The paper sums; every sum here is divided by its number of elements, which keeps the printed
    weights of terms beside one another.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    asks: ClassVar[frozenset[str]] = frozenset({"a decoder of rows"})
    weight: Main[Weight] = 0.1

    def cost(self, view: Any) -> Tensor:
        """Weighted mean for the rows of a step that learn."""
        total: Tensor = view.scores.new_zeros(())
        for side in view.learning:
            rows, real = view.rows[side], view.real[side]
            width = view.network.n_rows["item" if side == "user" else "user"]
            error = view.network.reconstruction_error(side, rows, real)
            total = total + error / max(len(rows) * width, 1)
        return self.weight * total
