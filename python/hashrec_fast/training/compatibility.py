# SPDX-License-Identifier: Apache-2.0
"""Compatibility of the parts of a recipe that follows gradients: misfits are refused early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hashrec_fast.losses.weighted import Weighted
from hashrec_fast.towers.base import ABILITIES


def check_compatibility(
    objective: Sequence[Any], tower: Any, similarity: Any, strategy: Any
) -> None:
    """Raise ``ValueError`` for parts each of which is right, but not beside the others."""
    for idle in sorted(tower.only_by_terms - check_abilities(objective, tower)):
        raise ValueError(
            f"this {type(tower).__name__} has {idle} that no term of the objective trains; "
            "add such a term or leave it out"
        )
    _check_similarity(tower, similarity, strategy)


def check_abilities(objective: Sequence[Any], tower: Any) -> frozenset[str]:
    """Abilities that terms ask of the tower; ``ValueError`` where it lacks one."""
    asked: frozenset[str] = frozenset()
    for term in objective:
        part = term.loss if isinstance(term, Weighted) else term
        for ability in sorted(part.asks - tower.abilities):
            raise ValueError(
                f"{type(part).__name__} asks the tower for {ability}, which this "
                f"{type(tower).__name__} has not; give {ABILITIES[ability]}"
            )
        asked |= part.asks
    return asked


def _check_similarity(tower: Any, similarity: Any, strategy: Any) -> None:
    label = type(similarity).__name__
    if not strategy.is_binary and not similarity.ranks_factors:
        raise ValueError(
            f"{label} ranks codes only, but {type(strategy).__name__} has none; "
            "give InnerProduct or Cosine"
        )
    if similarity.item_constants != tower.item_constants:
        has = "adds a constant to" if tower.item_constants else "has no constants for"
        raise ValueError(
            f"{type(tower).__name__} {has} the scores of an item and {label} does not agree; "
            "Biased is the similarity of towers with constants, and of those alone"
        )
    if strategy.is_binary and similarity.scaled != strategy.scales_rows:
        has = "scales" if strategy.scales_rows else "does not scale"
        raise ValueError(
            f"{type(strategy).__name__} {has} the signs of a row and {label} does not agree; "
            "LayerScaled and gradient rules with scale='row' go together"
        )
