# SPDX-License-Identifier: Apache-2.0
"""Features given back from codes by the decoders of a tower (NeuHash, CGH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.batch_term import BatchTerm
from hashrec_fast.ranges import Count, Main, NonNegative, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class WordReconstruction(BatchTerm):
    """Words given back: ``-sum over a row's words of ln p(word | code)``, the mean over the batch.

    The softmax is the decoder "words" of :class:`hashrec_fast.towers.Content`.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    noise : float
        Standard deviation of normal noise on the codes that the decoder sees (the authors' sinks
        by a millionth a step from 1, which no run is long enough to notice).
    limit : int
        Most rows of a batch whose words are predicted, drawn at random where there are more: every
        row costs a softmax over all words.
    """

    asks: ClassVar[frozenset[str]] = frozenset({"a decoder of words"})
    weight: Main[Weight] = 1e-3
    noise: NonNegative = 1.0
    limit: Count = 512

    def cost(self, view: Any) -> Tensor:
        """The formula of the class; see :meth:`BatchTerm.cost`."""
        networks = _decoded(view, "words")
        parts = []
        for side, network in networks.items():
            rows, codes = view.rows[side], view.codes[side]
            if len(rows) > self.limit:
                order = codes.detach().new_empty(len(rows))
                kept = order.uniform_(generator=view.step.generator).argsort()[: self.limit]
                rows, codes = rows[kept], codes[kept]
            if self.noise > 0:
                drawn = codes.detach().new_empty(codes.shape)
                codes = codes + self.noise * drawn.normal_(generator=view.step.generator)
            parts.append(network.decoding_loss(rows, codes))
        total: Tensor = self.weight * sum(parts[1:], start=parts[0])
        return total


@dataclass(frozen=True, kw_only=True)
class LinearReconstruction(BatchTerm):
    """Features given back: ``||x - x'||^2 / 2`` of linear decoders, the mean by side (CGH).

    Attributes
    ----------
    weight : float
        Weight in the objective.
    decoder_weight : float
        Weight of half the sum of squares of the decoder's weights.
    """

    asks: ClassVar[frozenset[str]] = frozenset({"a linear decoder"})
    weight: Main[Weight] = 0.8
    decoder_weight: Weight = 1e-4

    def cost(self, view: Any) -> Tensor:
        """The formula of the class; see :meth:`BatchTerm.cost`."""
        networks = _decoded(view, "linear")
        parts = [
            self.weight * network.decoding_loss(view.rows[side], view.codes[side])
            + self.decoder_weight * network.decoder.size()
            for side, network in networks.items()
        ]
        total: Tensor = sum(parts[1:], start=parts[0])
        return total


def _decoded(view: Any, kind: str) -> dict[str, Any]:
    find = getattr(view.network, "decoded", None)
    networks: dict[str, Any] = {} if find is None else find(kind)
    if not networks:
        raise ValueError(f"the tower has no decoder {kind!r}; give one side Content(decoder=..)")
    return networks
