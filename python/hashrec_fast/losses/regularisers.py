# SPDX-License-Identifier: Apache-2.0
"""Penalties of one side's rows in gradient training.

``penalty`` is *not* multiplied by ``weight``: the training loop adds ``weight * penalty(..)`` for
each side. Only tensor methods are used, so that nothing here imports torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.ranges import Main, NonNegative, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class L2:
    """Ridge ``sum of squares / (2 n)`` of a tower's base rows in a batch (as LightGCN).

    Attributes
    ----------
    weight : float
        Weight of the penalty.
    """

    rows: ClassVar[str] = "base"
    weight: Main[Weight] = 1e-4

    def ridge_weight(self) -> float:
        """The weight, for solvers."""
        return self.weight

    def penalty(self, rows: Tensor, count: int | None = None) -> Tensor:
        """Half the sum of squares of ``rows`` (n, d) by ``count``, the batch's size (n if None)."""
        return rows.square().sum() / (2 * max(len(rows) if count is None else count, 1))


@dataclass(frozen=True, kw_only=True)
class Regulariser:
    """Base of penalties of the rows or of what the losses see of them.

    Attributes
    ----------
    weight : float
        Weight of the penalty.
    of : {"codes", "real"}
        What is looked at: the binariser's output, or the tower's rows.
    """

    rows: ClassVar[str] = "outputs"
    weight: Main[Weight] = 1e-3
    of: Literal["codes", "real"] = "codes"

    def __post_init__(self) -> None:
        if self.of not in {"codes", "real"}:
            raise ValueError(f"of must be 'codes' or 'real', got {self.of!r}")

    def penalty(self, real: Tensor, codes: Tensor) -> Tensor:
        """The penalty, a scalar.

        Parameters
        ----------
        real : float tensor of shape (n, n_bits)
            Rows of one side, before the binariser.
        codes : float tensor of shape (n, n_bits)
            What the losses see, after the binariser.
        """
        raise NotImplementedError

    def _chosen(self, real: Tensor, codes: Tensor) -> Tensor:
        return codes if self.of == "codes" else real


@dataclass(frozen=True, kw_only=True)
class Balance(Regulariser):
    """Balance ``||1'Z||^2 / n``: each bit should be +1 in half of the n rows.

    Summed over the bits; about 1 for each bit of random codes. CCSR prints a norm without the
    vector of ones that it defines; TSGNH's code sums along the codes in place of the rows.
    """

    def column_balance(self) -> float:
        """The weight, for solvers of real factors."""
        return self.weight

    def penalty(self, real: Tensor, codes: Tensor) -> Tensor:
        """The formula of the class; see :meth:`Regulariser.penalty`."""
        rows = self._chosen(real, codes)
        return rows.sum(0).square().sum() / max(len(rows), 1)


@dataclass(frozen=True, kw_only=True)
class Decorrelation(Regulariser):
    """Decorrelation ``||Z'Z / n - I||_F^2``: bits should not repeat one another."""

    def penalty(self, real: Tensor, codes: Tensor) -> Tensor:
        """The formula of the class; see :meth:`Regulariser.penalty`."""
        rows = self._chosen(real, codes)
        gram = rows.T @ rows / max(len(rows), 1)
        return (gram - gram.new_ones(len(gram)).diag()).square().sum()


@dataclass(frozen=True, kw_only=True)
class QuantizationGap(Regulariser):
    """Mean of ``(x - sgn(x))^2``; of the rows by default, since signs have no gap.

    ``sgn(0) = +1``. CIGAR's code computes it without using it.
    """

    of: Literal["codes", "real"] = "real"

    def penalty(self, real: Tensor, codes: Tensor) -> Tensor:
        """The formula of the class; see :meth:`Regulariser.penalty`."""
        rows = self._chosen(real, codes)
        signs = 2 * (rows.detach() >= 0).to(rows.dtype) - 1
        return (rows - signs).square().mean()


@dataclass(frozen=True, kw_only=True)
class NormTarget(Regulariser):
    """Mean over rows of ``(||x||^2 - target)^2`` (PPH, whose target is half the top rating).

    Attributes
    ----------
    target : float
        The squared norm wanted.
    """

    of: Literal["codes", "real"] = "real"
    target: NonNegative = 2.5

    def norm_pull(self) -> float:
        """The weight, for solvers that know the target themselves."""
        return self.weight

    def penalty(self, real: Tensor, codes: Tensor) -> Tensor:
        """The formula of the class; see :meth:`Regulariser.penalty`."""
        norms = self._chosen(real, codes).square().sum(1)
        return (norms - self.target).square().sum() / max(len(norms), 1)


@dataclass(frozen=True, kw_only=True)
class BernoulliKL(Regulariser):
    """Mean over rows of ``sum over bits of p ln 2p + (1 - p) ln 2(1 - p)``, ``p = sigmoid(x)``.

    The divergence of a bit's distribution from a fair coin (NeuHash, VHPHD; their released
    configurations give it the weight 0).
    """

    weight: Main[Weight] = 0.0
    of: Literal["codes", "real"] = "real"

    def penalty(self, real: Tensor, codes: Tensor) -> Tensor:
        """The formula of the class; see :meth:`Regulariser.penalty`."""
        # The entropy by |x|: ln(1 + e^-|x|) + |x| sigmoid(-|x|), without cancellation.
        size = self._chosen(real, codes).abs()
        entropy = size.new_zeros(()).logaddexp(-size) + size * (-size).sigmoid()
        return (math.log(2) - entropy).sum() / max(len(size), 1)


@dataclass(frozen=True, kw_only=True)
class BitCertainty(Regulariser):
    """Mean over rows of ``sum over bits of ln(1 + e^-|x|)``: minus the log-probability of the bits.

    What CGH adds for each side: the cross-entropy of ``sigmoid(x)`` with the bit it became.
    """

    weight: Main[Weight] = 1e-4
    of: Literal["codes", "real"] = "real"

    def penalty(self, real: Tensor, codes: Tensor) -> Tensor:
        """The formula of the class; see :meth:`Regulariser.penalty`."""
        size = self._chosen(real, codes).abs()
        return size.new_zeros(()).logaddexp(-size).sum() / max(len(size), 1)
