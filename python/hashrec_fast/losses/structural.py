# SPDX-License-Identifier: Apache-2.0
"""Terms that fit rows to one another: two views of a garment, codes of related rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hashrec_fast.losses.batch_term import BatchTerm
from hashrec_fast.ranges import Count, Main, NonNegative, Weight

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class VisualSemantic(BatchTerm):
    """Contrast of views: the picture of a garment is nearest to its own text (FHN, BIHGH).

    With ``S = V T' / width``: the mean over garments i of ``sum over j != i of
    max(0, m - S_ii + S_ij) + max(0, m - S_ii + S_ji)``, divided by their number less one.

    Attributes
    ----------
    weight : float
        Weight in the objective.
    margin : float
        How much nearer the own text must be.
    limit : int
        Most garments of a batch that are compared, drawn at random where there are more.
    """

    asks: ClassVar[frozenset[str]] = frozenset({"garments"})
    weight: Main[Weight] = 0.1
    margin: NonNegative = 0.1
    limit: Count = 256

    def cost(self, view: Any) -> Tensor:
        """The formula of the class; see :meth:`BatchTerm.cost`."""
        network = view.network
        garments = network.garments_of(view.rows["item"])
        if len(garments) > self.limit:
            drawn = garments.new_empty(len(garments), dtype=view.real["item"].dtype)
            order = drawn.uniform_(generator=view.step.generator).argsort()
            garments = garments[order[: self.limit]]
        return self.weight * visual_semantic(*network.views(garments), margin=self.margin)


def visual_semantic(visual: Tensor, textual: Tensor, *, margin: float) -> Tensor:
    """The value of :class:`VisualSemantic` for rows (n, width); 0 for fewer than two."""
    n, width = visual.shape
    scores = visual @ textual.T / width
    own = scores.diagonal()
    gaps = (margin - own[:, None] + scores).clamp(min=0)
    gaps = gaps + (margin - own[:, None] + scores.T).clamp(min=0)
    return (gaps.sum() - gaps.diagonal().sum()) / (n * max(n - 1, 1))


@dataclass(frozen=True, kw_only=True)
class CodeSimilarity(BatchTerm):
    """Similarity of related rows, whose codes are to have a high cosine (BIHGH).

    ``sum over pairs of ln(1 + e^c) - S c``, divided by the number of rows, with the cosine ``c``
    and ``S`` = 1 for outfits that share a garment, or for users who share an outfit.

    Attributes
    ----------
    weight : float
        Weight of both sides; the authors' code forgets it for users.
    """

    asks: ClassVar[frozenset[str]] = frozenset({"related rows"})
    weight: Main[Weight] = 0.04

    def cost(self, view: Any) -> Tensor:
        """The formula of the class; see :meth:`BatchTerm.cost`."""
        parts = [
            code_similarity(view.codes[side], view.network.related(side, view.rows[side]))
            for side in ("user", "item")
        ]
        return self.weight * (parts[0] + parts[1])


def code_similarity(codes: Tensor, related: Tensor) -> Tensor:
    """The value of :class:`CodeSimilarity` for codes (n, f) and a 0/1 matrix (n, n)."""
    rows = codes / codes.norm(dim=1, keepdim=True).clamp(min=1e-12)
    cosines = rows @ rows.T
    losses = cosines.new_zeros(()).logaddexp(cosines) - related * cosines
    value: Tensor = losses.sum() / max(len(codes), 1)
    return value
