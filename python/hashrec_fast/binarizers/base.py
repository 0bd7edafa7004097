# SPDX-License-Identifier: Apache-2.0
"""Base of all binarisers: what the training loop asks of one, and what it tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.field_checks import check_fields

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True, kw_only=True)
class Step:
    """Place of a step in training, and the generator of its draws.

    Attributes
    ----------
    epoch : int
        Counted from 0.
    epochs : int
        How many there are to be.
    training : bool
        False makes stochastic binarisers deterministic.
    generator : torch.Generator or None
        Where random draws come from; ``None`` is torch's global one. On the device of the rows.
    blocks : tuple of int
        Widths of the layers of the code, whose sum is ``n_bits``; empty is one block.

    Examples
    --------
    >>> Step(epoch=3, epochs=10).widths(64)
    (64,)
    """

    epoch: int = 0
    epochs: int = 1
    training: bool = True
    generator: Generator | None = None
    blocks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.epoch < 0:
            raise ValueError(f"wanted epoch >= 0 and epochs >= 1, got {self.epoch}, {self.epochs}")

    def widths(self, n_bits: int) -> tuple[int, ...]:
        """Widths of the blocks; ``ValueError`` where they do not sum to ``n_bits``."""
        return block_widths(self.blocks, n_bits)


def block_widths(blocks: tuple[int, ...], n_bits: int) -> tuple[int, ...]:
    """Widths of blocks, one block where none are given; checked against the rows' width."""
    widths = tuple(blocks) or (n_bits,)
    if sum(widths) != n_bits or min(widths) < 1:
        raise ValueError(f"blocks must be positive and sum to {n_bits} bits, got {blocks}")
    return widths


def row_scales(real: Tensor, blocks: tuple[int, ...]) -> Tensor:
    """Mean ``|x|`` of each row in each block: the least-squares factor of the row's signs.

    Parameters
    ----------
    real : float tensor of shape (n, n_bits)
    blocks : tuple of int
        Widths that sum to ``n_bits``; empty is one block.

    Returns
    -------
    float tensor of shape (n, max(len(blocks), 1)), without gradient
    """
    # Filled column by column, because joining tensors would need torch to be imported.
    parts = real.detach().abs().split_with_sizes(block_widths(blocks, real.shape[1]), dim=1)
    scales = real.detach().new_empty((len(real), len(parts)))
    for column, part in enumerate(parts):
        scales[:, column] = part.mean(dim=1)
    return scales


@dataclass(frozen=True, kw_only=True)
class Binarizer:
    """Base of all stand-ins for the sign.

    Attributes
    ----------
    kind : {"forward", "backward"}
        Whether the losses see real values that tend to signs (survey, section III-B1a), or signs
        whose derivative is made up (section III-B1b).
    """

    kind: ClassVar[str] = "forward"

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def scaled(self) -> bool:
        """Whether signs are multiplied by :meth:`scales`, which are exported with them."""
        return False

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """Values that the losses see in place of the codes.

        Parameters
        ----------
        real : float tensor of shape (n, n_bits)
            Rows of a tower.
        step : Step

        Returns
        -------
        float tensor of shape (n, n_bits), differentiable with respect to ``real``
        """
        raise NotImplementedError(f"{type(self).__name__} has no relaxation")

    def scales(self, real: Tensor, blocks: tuple[int, ...] = ()) -> Tensor:
        """Factors (n, len(blocks)) of the exported signs, by row and block; ones without scale."""
        return real.new_ones((len(real), len(block_widths(blocks, real.shape[1]))))
