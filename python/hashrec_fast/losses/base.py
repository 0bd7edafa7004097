# SPDX-License-Identifier: Apache-2.0
"""Base of all losses: what each says of itself, so that impossible mixtures are refused early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Base of all objective terms.

    A quadratic term binds itself to solvers by the members of a role in
    :mod:`hashrec_fast.roles`, a differentiable one by :meth:`value`.

    Attributes
    ----------
    samples : {"pointwise", "pairwise", "listwise"}
        What one term of the sum looks at (survey, section II-C).
    quadratic : bool
        Whether the term is quadratic in the codes of one side; only such terms can be solved
        bit by bit without a majoriser.
    differentiable : bool
        Whether :meth:`value` is there, so that strategies that follow gradients can train it.
    relevance : {"labels", "targets", "grades"}
        What :meth:`value` wants to know of a pair: a label in [0, 1], a target in [-1, 1], or
        the rating counted from 1; unobserved pairs have 0, -1 and 0.
    majorised : bool
        Whether the term gives a quadratic upper bound of itself to solvers.
    main : bool
        Whether the term means something without another one beside it.
    needs : frozenset of str
        Side information without which the term means nothing; constraints may say it too.
    asks : frozenset of str
        Keys of :data:`hashrec_fast.towers.base.ABILITIES` that the tower must have.
    batches : frozenset of str
        For terms with ``samples="batch"``: kinds of samples of which the sampler must give one;
        empty where any batch will do.
    """

    samples: ClassVar[str] = "pointwise"
    quadratic: ClassVar[bool] = False
    differentiable: ClassVar[bool] = False
    relevance: ClassVar[str] = "labels"
    majorised: ClassVar[bool] = False
    main: ClassVar[bool] = True
    needs: ClassVar[frozenset[str]] = frozenset()
    asks: ClassVar[frozenset[str]] = frozenset()
    batches: ClassVar[frozenset[str]] = frozenset()

    def value(self, scores: Tensor, relevance: Tensor, mask: Tensor) -> Tensor:
        """Unreduced values of lists of scores, differentiable with respect to the scores.

        Parameters
        ----------
        scores : float tensor of shape (n_lists, length)
            ``b'd / n_bits``, that is in [-1, 1] for codes, so that settings of a loss mean the
            same at every code length.
        relevance : float tensor of shape (n_lists, length)
            Labels 0 and 1, grades, or targets of squared errors.
        mask : bool tensor of shape (n_lists, length)
            False where a list is padded. Padded entries add nothing, whatever they hold.

        Returns
        -------
        tensor
            (n_lists, length) of a pointwise loss, (n_lists, length - 1) of a pairwise loss,
            whose lists are one positive and then its negatives, (n_lists,) of a listwise loss.
        """
        raise NotImplementedError(f"{type(self).__name__} has no differentiable value")
