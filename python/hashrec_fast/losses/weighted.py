# SPDX-License-Identifier: Apache-2.0
"""A loss with a weight, for objectives of several terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.bce import BCE
from hashrec_fast.ranges import Main, Minor, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Weighted(Loss):
    """Differentiable loss times ``weight``, of the codes or of the parameters behind them.

    Attributes
    ----------
    loss : Loss
        The loss that is weighted.
    weight : float
        Weight in the objective.
    on : {"codes", "base"}
        What is scored: the codes, or the tower's free parameters, such as layer 0 of a propagation
        (BGCH).
    """

    stands_for: ClassVar[str] = "loss"
    """The field by whose part the term is called among parameters."""
    loss: Minor[Loss] = field(default_factory=BCE)
    weight: Main[Weight] = 1.0
    on: Literal["codes", "base"] = "codes"

    def __post_init__(self) -> None:
        if isinstance(self.loss, Weighted):
            raise ValueError("a weighted loss is not weighted again; multiply the weights")
        if self.on == "base" and self.loss.samples == "batch":
            name = type(self.loss).__name__
            raise ValueError(f"{name} chooses its rows by itself, so on must be 'codes'")
        if self.on not in ("codes", "base"):
            raise ValueError(f"on must be 'codes' or 'base', got {self.on!r}")

    @property
    def samples(self) -> str:  # type: ignore[override]
        """Kind of samples that the weighted loss looks at."""
        return self.loss.samples

    @property
    def differentiable(self) -> bool:  # type: ignore[override]
        """Whether the weighted loss is."""
        return self.loss.differentiable

    @property
    def needs(self) -> frozenset[str]:  # type: ignore[override]
        """Side information that the weighted loss needs."""
        return self.loss.needs

    @property
    def relevance(self) -> str:  # type: ignore[override]
        """Kind of relevance that the weighted loss wants to know of a pair."""
        return self.loss.relevance

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Values of the loss times ``weight``."""
        return self.weight * self.loss.value(scores, relevance, mask)
