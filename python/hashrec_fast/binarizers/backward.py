# SPDX-License-Identifier: Apache-2.0
"""Backward approximations: signs with a stand-in derivative (survey, section III-B1b).

The losses see ``sgn(x)`` with ``sgn(0) = +1``, or that times the mean ``|x|`` of the row where
``scale="row"`` (BiGeaR, BGCH). As in the authors' code, the scale does not enter the gradient:
neither is it differentiated, nor does it multiply the made-up derivative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.binarizers.base import (
    Binarizer,
    Step,
    row_scales,
)
from hashrec_fast.ranges import Count, Positive

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Hard(Binarizer):
    """Base of the backward approximations: one derivative each.

    Attributes
    ----------
    scale : {"none", "row"}
        Factor of the signs: none, or the mean ``|x|`` of each row in each block.
    """

    kind: ClassVar[str] = "backward"
    scale: Literal["none", "row"] = "none"

    @property
    def scaled(self) -> bool:
        """Whether signs are scaled, as :attr:`scale` says."""
        return self.scale == "row"

    def slope(self, real: Tensor) -> Tensor:
        """Stand-in for the derivative of the sign, of the shape of ``real``."""
        raise NotImplementedError

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """Signs, scaled or not; see :meth:`Binarizer.relax`."""
        from hashrec_fast.binarizers.surrogates import signs, straight_through  # noqa: PLC0415 - torch

        output = signs(real)
        if self.scale == "row":
            widths = step.widths(real.shape[1])
            parts = zip(
                output.split_with_sizes(widths, dim=1), row_scales(real, widths).T, strict=True
            )
            for part, factors in parts:
                part *= factors[:, None]  # noqa: PLW2901 - a view of the output
        return straight_through(real, output, self.slope)

    def scales(self, real: Tensor, blocks: tuple[int, ...] = ()) -> Tensor:
        """Mean ``|x|`` by row and block, or ones; see :meth:`Binarizer.scales`."""
        return row_scales(real, blocks) if self.scale == "row" else super().scales(real, blocks)


@dataclass(frozen=True, kw_only=True)
class Straight(Hard):
    """Derivative 1: the straight-through estimator (HCFRec, HashGNN).

    Attributes
    ----------
    clip : bool
        Derivative 0 where ``|x| > 1``.

    Examples
    --------
    >>> import torch
    >>> Straight(scale="row").relax(torch.tensor([[-0.5, 0.0, 1.0]]), Step())
    tensor([[-0.5000,  0.5000,  0.5000]])
    """

    clip: bool = False

    def slope(self, real: Tensor) -> Tensor:
        """1, or 0 outside of [-1, 1] with ``clip``."""
        from hashrec_fast.binarizers.surrogates import clip_slope  # noqa: PLC0415 - torch

        return clip_slope(real) if self.clip else real.new_ones(real.shape)


@dataclass(frozen=True, kw_only=True)
class TanhAlike(Hard):
    """Derivative ``beta (1 - tanh^2(beta x))`` (survey eq. 32).

    Attributes
    ----------
    beta : float
        Steepness of the derivative around 0.

    Examples
    --------
    >>> import torch
    >>> TanhAlike(beta=2.0).slope(torch.zeros(1))
    tensor([2.])
    """

    beta: Positive = 5.0

    def slope(self, real: Tensor) -> Tensor:
        """The formula of the class."""
        from hashrec_fast.binarizers.surrogates import tanh_slope  # noqa: PLC0415 - torch

        return tanh_slope(real, self.beta)


@dataclass(frozen=True, kw_only=True)
class SignSwish(Hard):
    """Derivative of ``2 s (1 + beta x (1 - s)) - 1``, ``s = sigmoid(beta x)`` (BNN+; AAGE).

    ``beta`` at 0, zero at ``|beta x| = 2.39936``, least at 3.435 with ``-0.0738 beta``.

    Attributes
    ----------
    beta : float
        Steepness of the derivative; times the standard deviation of the rows it should be about a
        half.
    clip_negative : bool
        Zero in place of the negative values.

    Examples
    --------
    >>> import torch
    >>> SignSwish(beta=5.0).slope(torch.tensor([0.0, 0.687, -1e30]))
    tensor([ 5.0000, -0.3691, -0.0000])
    """

    beta: Positive = 5.0
    clip_negative: bool = False

    def slope(self, real: Tensor) -> Tensor:
        """The formula of the class, by a form that stays finite."""
        from hashrec_fast.binarizers.surrogates import sign_swish_slope  # noqa: PLC0415 - torch

        return sign_swish_slope(real, self.beta, clip_negative=self.clip_negative)


@dataclass(frozen=True, kw_only=True)
class Fourier(Hard):
    """Derivative of the first terms of the square wave's Fourier series (BGCH; survey eq. 34).

    ``(4 / H) sum_{i = 1, 3, .., 2 terms - 1} cos(pi i x / H)``, clipped to [-1, 1] as the authors
    do. Their N, which runs over odd i below N, is ``2 terms``.

    Attributes
    ----------
    terms : int
        Number of terms of the series.
    half_period : float
        Half the period H, at which the series has its negative peak.
    zero_outside : bool
        Zero where ``|x| >= H``, in place of the periodic continuation, which pulls such entries
        the wrong way. The authors have the continuation.

    Examples
    --------
    >>> import torch
    >>> Fourier(terms=1, half_period=8.0).slope(torch.tensor([0.0, 4.0, 8.0]))
    tensor([ 5.0000e-01, -2.1856e-08,  0.0000e+00])
    """

    terms: Count = 4
    half_period: Positive = 1.0
    zero_outside: bool = True

    def slope(self, real: Tensor) -> Tensor:
        """The formula of the class."""
        from hashrec_fast.binarizers.surrogates import fourier_slope  # noqa: PLC0415 - torch

        return fourier_slope(real, self.terms, self.half_period, zero_outside=self.zero_outside)


@dataclass(frozen=True, kw_only=True)
class Gauss(Hard):
    """Derivative ``gamma / sqrt(pi) exp(-(gamma x)^2)``, clipped to [1e-8, 1] (BiGeaR).

    The derivative of the sign is twice a Dirac delta; the authors leave the 2 out.

    Attributes
    ----------
    gamma : float
        Steepness of the derivative around 0.

    Examples
    --------
    >>> import torch
    >>> Gauss(gamma=1.0).slope(torch.tensor([0.0, 100.0]))
    tensor([5.6419e-01, 1.0000e-08])
    """

    gamma: Positive = 1.0

    def slope(self, real: Tensor) -> Tensor:
        """The formula of the class."""
        from hashrec_fast.binarizers.surrogates import gauss_slope  # noqa: PLC0415 - torch

        return gauss_slope(real, self.gamma)
