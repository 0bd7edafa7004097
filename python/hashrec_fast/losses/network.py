# SPDX-License-Identifier: Apache-2.0
"""User codes near an embedding of the social network (SDSR)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hashrec_fast.ranges import Count, Main, NonNegative, Positive, Weight
from hashrec_fast.solvers.linear_terms.embedding import EmbeddingLinearTerm

if TYPE_CHECKING:
    from hashrec_fast.contracts import FitContext, LinearTerm, States


@dataclass(frozen=True, kw_only=True)
class NetworkEmbedding:
    """Embedding ``weight |B - E|^2 + strength * skip-gram loss of E`` over users with links.

    Attributes
    ----------
    weight : float
        Weight of the distance between users' codes and the embedding.
    strength : float
        Weight of the skip-gram loss of the embedding.
    walks : int
        Random walks per user.
    length : int
        Users per walk.
    window : int
        The gap within which two users of a walk meet.
    negatives : float
        Users drawn as negatives per meeting.
    steps : int
        Descent steps on the embedding per round.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"social"})
    weight: Main[Weight] = 1.0
    strength: Positive = 1.0
    walks: Count = 2
    length: Count = 8
    window: Count = 2
    negatives: NonNegative = 1.0
    steps: Count = 2

    def __post_init__(self) -> None:
        if not self.strength > 0:
            raise ValueError(f"strength must be above 0, got {self.strength!r}")

    def linear_terms(self, states: States, context: FitContext) -> list[LinearTerm]:
        """Bound linear term of the users."""
        return [EmbeddingLinearTerm(self, states, context.side_info.social, context.rng)]
