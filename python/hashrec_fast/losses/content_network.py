# SPDX-License-Identifier: Apache-2.0
"""Item codes drawn to a network's reading of their content (DDL, DPH)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.ranges import Count, Main, Positive, Weight, ZeroOrMore
from hashrec_fast.solvers.linear_terms.network import encode_network

if TYPE_CHECKING:
    from hashrec_fast.contracts import FitContext, LinearTerm, States


@dataclass(frozen=True, kw_only=True)
class ContentNetwork:
    """Content network ``weight / 2 ||D - F(X)||^2``, learnt alongside: a sigmoid and a tanh layer.

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

    def linear_terms(self, states: States, context: FitContext) -> list[LinearTerm]:
        """Bound linear term of the items; several views stand side by side."""
        from hashrec_fast.losses.content_map import NetworkLinearTerm  # noqa: PLC0415 - torch

        return [
            NetworkLinearTerm(
                side, context.side_info.features(side), self, states[side], context.rng
            )
            for side in sorted(self.sides)
        ]

    def encode_features(
        self, features: tuple[sp.csr_matrix, ...], side: str, arrays: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.float64]:
        """Outputs of the network for new rows."""
        return encode_network(features, side, arrays)
