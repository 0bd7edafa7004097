# SPDX-License-Identifier: Apache-2.0
"""Dispersion: the strongest direction of a table of vectors, shrunk (BGCH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hashrec_fast.field_checks import check_fields
from hashrec_fast.ranges import Count, Share
from hashrec_fast.towers.lazy_torch import torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Dispersion:
    """Shrinking of the strongest direction of the vectors of layer 0 (BGCH, WWW 2023).

    Users and items each lose ``strength`` of their part along the direction that ``power`` steps of
    the power method find. Unlike in the authors' code, draws are normalised and their signs
    agree before their mean is taken, and no gradient flows through the direction.

    Attributes
    ----------
    strength : float
        Share of the strongest direction that is taken away.
    draws : int
        Random starts whose results are averaged; new ones in each training step, fixed ones for
        what is exported.
    power : int
        Steps of the power method.
    """

    strength: Share = 0.1
    draws: Count = 2
    power: Count = 2

    def __post_init__(self) -> None:
        check_fields(self)


def strongest_direction(rows: Tensor, starts: Tensor, power: int) -> Tensor:
    """A unit vector near the first right singular vector.

    Parameters
    ----------
    rows : float tensor (n, width)
    starts : float tensor (width, draws)
        Each is taken through ``power`` steps of the power method; the mean of the results, their
        signs made to agree with the first one, is the answer.
    power : int

    Returns
    -------
    float tensor (width,), without gradient; zeros where the rows are zero
    """
    with torch.no_grad():
        gram = rows.T @ rows
        draws = _unit(starts)
        for _ in range(power):
            draws = _unit(gram @ draws)
        agree = torch.where(draws[:, :1].T @ draws >= 0, 1.0, -1.0)
        return _unit((draws * agree).mean(dim=1, keepdim=True))[:, 0]


def disperse(rows: Tensor, direction: Tensor, strength: float) -> Tensor:
    """Rows (n, width) without ``strength`` of their part along a unit vector."""
    return rows - strength * (rows @ direction)[:, None] * direction


def _unit(columns: Tensor) -> Tensor:
    unit: Tensor = columns / columns.norm(dim=0).clamp(min=1e-30)
    return unit
