# SPDX-License-Identifier: Apache-2.0
"""Item codes pulled to a network's reading of their content (DDL, DPH)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class ContentNetwork:
    """``weight / 2 ||D - F(X)||^2`` with ``F`` of one sigmoid and one tanh layer, learnt alongside.

    Attributes
    ----------
    weight : float
    hidden : int
        Units of the sigmoid layer.
    start_passes : int
        Passes over the items that fit the network to the codes at the start.
    learning_rate, batch_size
        Of Adam; after the start there is one pass over the items in every round, of
        at least a hundred steps.
    """

    sides: ClassVar[frozenset[str]] = frozenset({"item"})
    needs: ClassVar[frozenset[str]] = frozenset({"item_features"})
    weight: float = 1e-3
    hidden: int = 200
    start_passes: int = 3
    learning_rate: float = 3e-3
    batch_size: int = 100
