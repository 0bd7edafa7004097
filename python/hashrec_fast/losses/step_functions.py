# SPDX-License-Identifier: Apache-2.0
"""Smooth stand-ins for the indicator of ``x > 0`` and their derivatives; tensors in and out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

KINDS = ("sigmoid", "softplus", "hinge", "exponential")
_LARGEST = 10.0  # exponents are cut here


def smooth_step(x: Tensor, kind: str) -> Tensor:
    """Smooth step ``sigmoid(x)``, ``ln(1 + e^x) / ln 2``, ``max(0, 1 + x)`` or ``e^min(x, 10)``.

    The last three are above the indicator and have the value 1 at 0.
    """
    if kind == "sigmoid":
        return x.sigmoid()
    if kind == "softplus":
        return x.new_zeros(()).logaddexp(x) / math.log(2)
    if kind == "hinge":
        return (1 + x).clamp(min=0)
    return x.clamp(max=_LARGEST).exp()


def smooth_step_slope(x: Tensor, kind: str) -> Tensor:
    """Derivative of :func:`smooth_step`."""
    if kind == "sigmoid":
        s = x.sigmoid()
        return s * (1 - s)
    if kind == "softplus":
        return x.sigmoid() / math.log(2)
    if kind == "hinge":
        return (x > -1).to(x.dtype)
    return x.clamp(max=_LARGEST).exp().masked_fill(x > _LARGEST, 0)
