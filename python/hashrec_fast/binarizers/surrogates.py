# SPDX-License-Identifier: Apache-2.0
"""Surrogates of the sign's derivative: autograd functions and formulas.

Formulas take and give tensors of any shape, are even in ``x`` and stay finite for every finite
float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Slope = Callable[[Tensor], Tensor]


class _MadeUp(torch.autograd.Function):
    """Forward ``output``, backward the upstream gradient times ``slope``, into ``real``."""

    @staticmethod
    def forward(ctx: Any, real: Tensor, output: Tensor, slope: Slope | None) -> Tensor:
        ctx.slope = slope
        if slope is not None:
            ctx.save_for_backward(real)
        return output.clone()

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        if ctx.slope is None:
            return upstream[0], None, None
        (real,) = ctx.saved_tensors
        return upstream[0] * ctx.slope(real), None, None


def straight_through(real: Tensor, output: Tensor, slope: Slope | None = None) -> Tensor:
    """Value ``output`` whose gradients go to ``real`` times ``slope(real)``; ``None`` is 1."""
    result: Tensor = _MadeUp.apply(real, output.detach(), slope)  # type: ignore[no-untyped-call]
    return result


def signs(real: Tensor) -> Tensor:
    """Signs -1 and +1 in the type of ``real``; 0 gives +1, which ``torch.sign`` does not."""
    return torch.where(real.detach() >= 0, 1.0, -1.0).to(real.dtype)


def clip_slope(x: Tensor) -> Tensor:
    """Slope 1 where ``|x| <= 1``, else 0: the derivative of ``x`` clipped to [-1, 1]."""
    return (x.abs() <= 1).to(x.dtype)


def tanh_slope(x: Tensor, beta: float) -> Tensor:
    """Slope ``beta (1 - tanh^2(beta x))``."""
    return beta * (1 - (beta * x).tanh() ** 2)


def sign_swish_slope(x: Tensor, beta: float, *, clip_negative: bool = False) -> Tensor:
    """Derivative of ``2 s (1 + beta x (1 - s)) - 1`` with ``s = sigmoid(beta x)``.

    With ``t = |beta x| / 2`` it is ``beta (1 - t tanh t) / cosh^2 t``. The printed quotient of
    exponentials is infinity by infinity in float32 beyond ``|beta x| = 45``.
    """
    # Beyond t = 60 the result is below every float32; the bound keeps infinity times 0 away.
    t = (0.5 * beta * x).abs().clamp(max=60.0)
    decay = (-2 * t).exp()
    slope = beta * (1 - t * t.tanh()) * 4 * decay / (1 + decay) ** 2
    return slope.clamp(min=0) if clip_negative else slope


def fourier_slope(x: Tensor, terms: int, half_period: float, *, zero_outside: bool) -> Tensor:
    """Slope ``4 / H sum over the first odd i of cos(pi i x / H)``, clipped to [-1, 1]."""
    # The remainder keeps pi i x / H finite and accurate; the series has period 2 H.
    angle = torch.remainder(x, 2 * half_period) * (math.pi / half_period)
    total = torch.zeros_like(x)
    for i in range(1, 2 * terms, 2):
        total += (i * angle).cos()
    slope = (total * (4 / half_period)).clamp(-1, 1)
    return slope.masked_fill(x.abs() >= half_period, 0) if zero_outside else slope


def gauss_slope(x: Tensor, gamma: float) -> Tensor:
    """Slope ``gamma / sqrt(pi) exp(-(gamma x)^2)``, clipped to [1e-8, 1]."""
    return ((-((gamma * x) ** 2)).exp() * (gamma / math.sqrt(math.pi))).clamp(1e-8, 1)


def logistic_slope(x: Tensor) -> Tensor:
    """Slope ``2 s (1 - s)`` of ``2 s - 1`` with ``s = sigmoid(x)``."""
    s = x.sigmoid()
    return 2 * s * (1 - s)
