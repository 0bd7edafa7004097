# SPDX-License-Identifier: Apache-2.0
"""Item codes pulled to a network's reading of their content (DDL, DPH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hashrec_fast.ranges import Count, Main, Positive, Weight, ZeroOrMore


@dataclass(frozen=True, kw_only=True)
class ContentNetwork:
    """``weight / 2 ||D - F(X)||^2`` with ``F`` of one sigmoid and one tanh layer, learnt alongside.

    Attributes
    ----------
    weight : float
        Weight of the distance between codes and what the network makes of features.
    hidden : int
        Units of the sigmoid layer.
    start_passes : int
        Passes over the items that fit the network to the codes at the start.
    learning_rate : float
        Step length of Adam; after the start there is one pass over the items in every round, of at
        least a hundred steps.
    batch_size : int
        Items of a step.
    """

    sides: ClassVar[frozenset[str]] = frozenset({"item"})
    needs: ClassVar[frozenset[str]] = frozenset({"item_features"})
    weight: Main[Weight] = 1e-3
    hidden: Count = 200
    start_passes: ZeroOrMore = 3
    learning_rate: Positive = 3e-3
    batch_size: Count = 100
