# SPDX-License-Identifier: Apache-2.0
"""Drawn signs: Bernoulli bits, doubly semantic neurons, guided mixing of rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from hashrec_fast.binarizers.backward import Straight
from hashrec_fast.binarizers.base import Binarizer, Step
from hashrec_fast.binarizers.schedule import EpochSchedule

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class BernoulliStraight(Binarizer):
    """Drawn signs ``2 y - 1``; ``y`` is 1 with probability ``sigmoid(x)`` (NeuHash, VHPHD).

    Bits are drawn as ``p > u`` with uniform ``u``; the gradient takes ``dy/dp`` as 1, so that the
    derivative of the output is ``2 p (1 - p)``. Without training ``u`` is a half: the sign.

    Examples
    --------
    >>> import torch
    >>> BernoulliStraight().relax(torch.tensor([[-1.0, 0.0]]), Step(training=False))
    tensor([[-1.,  1.]])
    """

    kind: ClassVar[str] = "backward"

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """The formula of the class; see :meth:`Binarizer.relax`."""
        from hashrec_fast.binarizers.surrogates import (  # noqa: PLC0415 - torch
            logistic_slope,
            signs,
            straight_through,
        )

        output = signs(real)
        if step.training:
            p = real.detach().sigmoid()
            bits = p > p.new_empty(p.shape).uniform_(generator=step.generator)
            output = 2 * bits.to(p.dtype) - 1
        return straight_through(real, output, logistic_slope)


@dataclass(frozen=True, kw_only=True)
class DoublySemantic(BernoulliStraight):
    """Doubly semantic neurons: the bits and their probabilities are both put out (CGH).

    As :class:`BernoulliStraight`, but with ``threshold="half"`` nothing is drawn in training
    either. Gradients of both outputs of :meth:`both` reach ``x``: with ``y`` as 0/1 it is
    ``p (1 - p) (g_y + g_p)``.

    Attributes
    ----------
    threshold : {"half", "uniform"}
        What ``sigmoid(x)`` is compared with: .5 as in the authors' code, or a uniform draw as in
        the paper.

    Examples
    --------
    >>> import torch
    >>> codes, p = DoublySemantic().both(torch.tensor([[-1.0, 0.0]]), Step())
    >>> codes, p
    (tensor([[-1.,  1.]]), tensor([[0.2689, 0.5000]]))
    """

    threshold: Literal["half", "uniform"] = "half"

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """The codes alone; see :meth:`Binarizer.relax`."""
        if self.threshold == "half":
            step = dataclasses.replace(step, training=False)
        return super().relax(real, step)

    def both(self, real: Tensor, step: Step) -> tuple[Tensor, Tensor]:
        """Codes in {-1, +1} and the probabilities of +1, each (n, n_bits)."""
        return self.relax(real, step), real.sigmoid()


def _four_fifths() -> EpochSchedule:
    return EpochSchedule(kind="linear", start=0.0, end=1.0, share=0.8)


@dataclass(frozen=True, kw_only=True)
class Guided(Binarizer):
    """Mixture of rows, each hashed with probability ``beta_e``, else left real (HashGNN).

    The authors draw once for a user and the positive item beside it, and anew for the negatives.
    Here a call knows the rows of one side only: ``share="row"`` draws for every row, so that a
    user and its positive are hashed independently of one another; ``share="call"`` draws once for
    all rows. :meth:`mix` takes the draws from the caller, who can thus do as the authors.

    Without training all rows are hashed.

    Attributes
    ----------
    inner : Binarizer
        What hashes the rows that are drawn.
    share : {"row", "call"}
        What has a draw of its own.
    schedule : EpochSchedule
        The probability ``beta_e`` by epoch. The authors' grows so slowly that their 20 epochs end
        at 0.18; this one reaches 1 after four fifths of the epochs.

    Examples
    --------
    >>> import torch
    >>> first = Step(epoch=0, epochs=10)
    >>> Guided().relax(torch.tensor([[-0.2, 0.4]]), first)  # beta is 0: nothing is hashed
    tensor([[-0.2000,  0.4000]])
    """

    kind: ClassVar[str] = "backward"
    inner: Binarizer = field(default_factory=Straight)
    share: Literal["row", "call"] = "row"
    schedule: EpochSchedule = field(default_factory=_four_fifths)

    def relax(self, real: Tensor, step: Step) -> Tensor:
        """Rows, hashed or not; see :meth:`Binarizer.relax`."""
        n = len(real) if self.share == "row" else 1
        draws = real.detach().new_empty(n)
        return self.mix(real, step, draws.uniform_(generator=step.generator).expand(len(real)))

    def mix(self, real: Tensor, step: Step, draws: Tensor) -> Tensor:
        """Rows by uniform draws (n,) in [0, 1): below ``beta_e``, a row is hashed."""
        hashed = self.inner.relax(real, step)
        if not step.training:
            return hashed
        chosen = draws < self.schedule(step)
        return hashed.where(chosen[:, None], real)

    @property
    def scaled(self) -> bool:
        """Whether ``inner`` scales its signs."""
        return self.inner.scaled

    def scales(self, real: Tensor, blocks: tuple[int, ...] = ()) -> Tensor:
        """Scales of ``inner``; see :meth:`Binarizer.scales`."""
        return self.inner.scales(real, blocks)
