# SPDX-License-Identifier: Apache-2.0
"""Weighted squares over all pairs with a second behaviour (DFMR) or with self-made pairs (DSFCH).

Targets are in units of ``n_bits``; the weight of unobserved pairs is ``rest_weight`` times the
square root of the density of the training matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.losses.base import Loss
from hashrec_fast.ranges import Main, Share, Weight, ZeroOrMore


@dataclass(frozen=True, kw_only=True)
class BehaviourSquare(Loss):
    """Purchases at ``weight``, what was only examined at ``examined_weight``, the rest weakly.

    Observed pairs have the target ``n_bits``.

    Attributes
    ----------
    weight : float
        Weight of purchases.
    examined_weight : float
        Weight of what was examined and not bought.
    rest_weight : float
        Weight of all other pairs, times the square root of the density of the matrix.
    rest_target : float
        Wanted score of all other pairs, in units of ``n_bits``.
    """

    quadratic: ClassVar[bool] = True
    uses: ClassVar[frozenset[str]] = frozenset({"examined"})
    weight: Weight = 1.0
    examined_weight: Main[Weight] = 0.1
    rest_weight: Main[Weight] = 0.8
    rest_target: float = -0.2


@dataclass(frozen=True, kw_only=True)
class OutfitSquare(Loss):
    """Known pairs at ``weight``, self-made ones at ``augment_weight``, the rest weakly.

    Attributes
    ----------
    weight : float
        Weight of known pairs.
    rest_weight : float
        Weight of all other pairs, times the square root of the density of the matrix.
    rest_target : float
        Wanted score of all other pairs, in units of ``n_bits``.
    augment_weight : float
        Weight of self-made pairs.
    augment_share : float
        Part of a row's unknown columns, those of highest score, that become self-made pairs.
    augment_limit : int
        Most self-made pairs per row.
    augment_score : float
        Least score of a self-made pair, in units of ``n_bits``.
    augment_rounds : int
        How often the self-made pairs are chosen anew, from the second round on.
    """

    quadratic: ClassVar[bool] = True
    weight: Weight = 1.0
    rest_weight: Main[Weight] = 0.8
    rest_target: float = -0.2
    augment_weight: Main[Weight] = 0.3
    augment_share: Share = 0.01
    augment_limit: ZeroOrMore = 10
    augment_score: float = 0.5
    augment_rounds: ZeroOrMore = 3
