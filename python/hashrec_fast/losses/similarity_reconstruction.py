# SPDX-License-Identifier: Apache-2.0
"""Cosines of codes fitted to a joint similarity of two views of pairs (DJSRH, ICCV 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Positive, Share, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class SimilarityReconstruction(Loss):
    """Squares ``|cos(B, D) - s M|^2 + weight (|cos(B, B) - s M|^2 + |cos(D, D) - s M|^2)``.

    The k-th pair of a batch is an interaction: its views are the row of its user and the column
    of its item. ``S`` are cosines of a view brought to [-1, 1], ``N = user_share S_u +
    (1 - user_share) S_i`` and ``M = (1 - diffusion) N + diffusion N N' / b`` over the b pairs.

    Attributes
    ----------
    user_share : float
        Share of the users' similarities in what is reconstructed (beta of the authors' code).
    diffusion : float
        Share of similarities over two steps (eta).
    strength : float
        Factor of the similarities (mu).
    weight : float
        Weight of the similarities inside a side (lambda).
    """

    samples: ClassVar[str] = "batch"
    differentiable: ClassVar[bool] = True
    asks: ClassVar[frozenset[str]] = frozenset({"cosines of rows"})
    batches: ClassVar[frozenset[str]] = frozenset({"pointwise"})
    user_share: Main[Share] = 0.6
    diffusion: Share = 0.4
    strength: Main[Positive] = 1.5
    weight: Main[Weight] = 0.1

    def __post_init__(self) -> None:
        for name in ("user_share", "diffusion"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")

    def cost(self, view: Any) -> Tensor:
        """Mean of the squares over the pairs of pairs."""
        places = {"user": view.user_places, "item": view.item_places.reshape(-1)}
        if len(places["user"]) != len(places["item"]):
            raise ValueError("SimilarityReconstruction wants one item a list; use Observed")
        target = self.strength * self.joint(
            *(view.network.cosines(side, view.rows[side][places[side]]) for side in places)
        )
        user, item = (_unit(view.codes[side][place]) for side, place in places.items())
        across: Tensor = (user @ item.T - target).square().mean()
        for rows in (user, item):
            across = across + self.weight * (rows @ rows.T - target).square().mean()
        return across

    def joint(self, user: Tensor, item: Tensor) -> Tensor:
        """Joint similarity ``M`` from the cosines of both views, (b, b)."""
        joint: Tensor = self.user_share * (2 * user - 1) + (1 - self.user_share) * (2 * item - 1)
        spread: Tensor = joint @ joint.T / max(len(joint), 1)
        return (1 - self.diffusion) * joint + self.diffusion * spread


def _unit(rows: Tensor) -> Tensor:
    lengths: Tensor = rows.norm(dim=1, keepdim=True)
    return rows / lengths.clamp(min=1e-12)
