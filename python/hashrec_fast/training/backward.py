# SPDX-License-Identifier: Apache-2.0
"""Two-stage methods with a backward approximation: signs in the loop, a gradient made up."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.binarizers import Binarizer, Straight
from hashrec_fast.contracts import FitContext, Solution, Terms
from hashrec_fast.kernels.packing import pack
from hashrec_fast.training.strategies import Strategy


@dataclass(frozen=True, kw_only=True)
class BackwardApproximation(Strategy):
    """Strategy with signs in the loop, which gradients pass by a rule (survey III-B1, eqs. 32-34).

    Attributes
    ----------
    gradient : Binarizer
        What stands for the derivative of the sign; signs may carry a scale per row and layer.
    """

    label: ClassVar[str] = "two-stage (backward)"
    gradient: Binarizer = field(default_factory=Straight)

    @property
    def scales_rows(self) -> bool:
        """Whether the rule scales the signs of rows."""
        return self.gradient.scaled

    def fit(
        self, user_items: sp.csr_matrix, terms: Terms, teacher: Any, context: FitContext
    ) -> Solution:
        """Train with signs in the loop."""
        context = dataclasses.replace(context, binarizer=self.gradient, finish=self._finish)
        return super().fit(user_items, terms, teacher, context)

    def check(self, objective: Sequence[Any], constraints: Sequence[Any]) -> None:
        """Check as :meth:`Strategy.check` does; only a training loop can use made-up gradients."""
        if not self.follows_gradients:
            raise ValueError(f"{type(self.solver).__name__} follows no gradients; use Gradient")
        if self.gradient.kind != "backward":
            raise ValueError(
                f"{type(self.gradient).__name__} puts no signs into the loop; "
                "use ForwardApproximation"
            )
        super().check(objective, constraints)

    def fold_in(
        self, rows: sp.csr_matrix, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Codes of new rows; signs where the tower gives real ones."""
        return _signs(super().fold_in(rows, side, fitted, terms, context))

    def encode(
        self, features: Any, side: str, fitted: Solution, terms: Terms, context: FitContext
    ) -> NDArray[np.uint64]:
        """Signs of the tower's outputs for features."""
        return _signs(super().encode(features, side, fitted, terms, context))

    def _finish(
        self, user: NDArray[np.float32], item: NDArray[np.float32], blocks: tuple[int, ...]
    ) -> Solution:
        """Packed signs, and the scales of rows that have them."""
        fitted = Solution(pack(user), pack(item), facts={"blocks": list(blocks)})
        if self.scales_rows:
            fitted.arrays = {
                "user_scales": self._scales(user, blocks),
                "item_scales": self._scales(item, blocks),
            }
        return fitted

    def _scales(self, real: NDArray[np.float32], blocks: tuple[int, ...]) -> NDArray[np.float32]:
        import torch  # noqa: PLC0415 - import time

        scales = self.gradient.scales(torch.from_numpy(real), blocks)
        return np.asarray(scales.numpy(), dtype=np.float32)


def _signs(rows: NDArray[Any]) -> NDArray[np.uint64]:
    return rows if rows.dtype == np.uint64 else pack(rows)
