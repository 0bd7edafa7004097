# SPDX-License-Identifier: Apache-2.0
"""Clusters of real rows and clusters of codes teach one another (HCFRec eqs. 10 to 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.latent import LatentTerm
from hashrec_fast.ranges import Main, Positive, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Consistency(LatentTerm):
    """Mean over pairs of rows of ``|z - z'| A' + hamming(b, b') A``.

    ``A'`` says that two codes share one bit, drawn anew in every step, ``A`` that two real rows
    fall into one cell of a random line. Both hash functions are one round, as in the paper. Its
    eq. 14 multiplies ``A`` by ``b'b'``, which would drive like rows apart: the text's Hamming
    distance stands here instead, and the sum over all pairs is a mean over those of the batch.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    cell : float
        Width of a cell of the random line.
    """

    samples: ClassVar[str] = "batch"
    weight: Main[Weight] = 0.3
    cell: Positive = 8.0

    def __post_init__(self) -> None:
        if not self.cell > 0:
            raise ValueError(f"cell must be above 0, got {self.cell}")

    def of_side(self, view: Any, side: str) -> Tensor:
        """The formula of the class over the rows of one side."""
        import torch  # noqa: PLC0415 - import time

        codes: Tensor = view.codes[side]
        real: Tensor = view.network.latent(side).first
        if len(codes) < 2:
            return codes.new_zeros(())
        draws: dict[str, Any] = {"generator": view.step.generator, "device": codes.device}
        bit = int(torch.randint(codes.shape[1], (1,), **draws))
        chosen = codes[:, bit] >= 0
        same_bit = chosen[:, None] == chosen
        line = real.detach() @ torch.randn(real.shape[1], dtype=real.dtype, **draws)
        cells = ((line + self.cell * torch.rand(1, **draws)) / self.cell).floor()
        same_cell = cells[:, None] == cells
        apart = (codes.shape[1] - codes @ codes.T) / 2
        cost = _distances(real) * same_bit + apart * same_cell
        n = len(codes)
        mean: Tensor = (cost.sum() - cost.diagonal().sum()) / (n * (n - 1))
        return mean


def _distances(rows: Tensor) -> Tensor:
    """Euclidean distances of all pairs; the gradient of a pair of equal rows is zero."""
    gram = rows @ rows.T
    norms = gram.diagonal()
    squares = norms[:, None] + norms - 2 * gram
    return (squares.clamp(min=0) + 1e-8).sqrt()
