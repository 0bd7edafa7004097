# SPDX-License-Identifier: Apache-2.0
"""The strongest direction of a table of vectors, and what is left when it is shrunk."""

from __future__ import annotations

import torch
from torch import Tensor


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
    """``rows`` (n, width) without ``strength`` of their part along a unit vector."""
    return rows - strength * (rows @ direction)[:, None] * direction


def _unit(columns: Tensor) -> Tensor:
    unit: Tensor = columns / columns.norm(dim=0).clamp(min=1e-30)
    return unit
