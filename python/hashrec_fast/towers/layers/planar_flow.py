# SPDX-License-Identifier: Apache-2.0
"""Planar flow of every dimension by itself (HCFRec eq. 4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hashrec_fast.towers.lazy_torch import Module, functional, torch

if TYPE_CHECKING:
    from torch import Tensor

SHIFT = math.log(math.expm1(4.0))  # where softplus is 4, so that u w = 0 stays 0
SMALL = 1e-4


class PlanarFlow(Module):
    """Steps ``z <- z + u sigmoid(w z + a)``, one u, w and a per dimension and step.

    A step is invertible where ``u w > -4``, since the sigmoid's slope is at most 1/4. Free
    parameters become such by ``u w -> softplus(u w + ln(e^4 - 1)) - 4``.
    """

    def __init__(self, steps: int, width: int) -> None:
        super().__init__()
        self.u = torch.nn.Parameter(torch.randn(steps, width) * 0.1)
        self.w = torch.nn.Parameter(1 + torch.randn(steps, width) * 0.1)
        self.a = torch.nn.Parameter(torch.randn(steps, width) * 0.1)

    def safe_u(self) -> Tensor:
        """``u`` of every step and dimension, changed so that ``u w > -4``."""
        products = functional.softplus(self.u * self.w + SHIFT) - 4
        near = self.w.abs() < SMALL  # there the quotient is 0/0; its limit is u times the slope
        slope = 1 - math.exp(-4.0)
        return torch.where(near, slope * self.u, products / torch.where(near, 1.0, self.w))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Image of ``z`` (n, width) and the log of the derivative, both (n, width)."""
        log_slope = torch.zeros_like(z)
        for u, w, a in zip(self.safe_u(), self.w, self.a, strict=True):
            s = torch.sigmoid(w * z + a)
            z = z + u * s
            log_slope = log_slope + torch.log1p(u * w * s * (1 - s))
        return z, log_slope
