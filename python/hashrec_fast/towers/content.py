# SPDX-License-Identifier: Apache-2.0
"""Vectors read from the features of one side (NeuHash, CGH)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.ranges import Count, Main, ShareBelowOne
from hashrec_fast.towers.base import Tower, TowerData

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.sides import SideNetwork

DECODERS = {"none": frozenset(), "linear": {"a linear decoder"}, "words": {"a decoder of words"}}


@dataclass(frozen=True, kw_only=True)
class Content(Tower):
    """A small network on the features of a side, for use in :class:`Sides`.

    The first layer reads sparse rows; several views stand side by side. ReLU and dropout lie
    between layers, the last one is linear. Rows never met in training are encoded alike.

    Attributes
    ----------
    hidden : tuple of int
        Widths of hidden layers; empty is one linear map.
    dropout : float
        Share of hidden units that training leaves out.
    importance : bool
        Whether every feature has a learned weight, uniform in (.1, 1) at first (NeuHash).
    decoder : {"none", "linear", "words"}
        What objective terms may use to give features back from codes: a scaled linear map (CGH)
        or a softmax over the features that are above zero (NeuHash).
    word_width : int
        Width of the word vectors of the decoder "words".
    """

    reads_features: ClassVar[bool] = True
    hidden: Main[tuple[Count, ...]] = ()
    dropout: ShareBelowOne = 0.0
    importance: bool = False
    decoder: Literal["none", "linear", "words"] = "none"
    word_width: Count = 300

    @property
    def only_by_terms(self) -> frozenset[str]:  # type: ignore[override]
        """The decoder."""
        return frozenset(DECODERS[self.decoder])

    def side_needs(self, side: str) -> frozenset[str]:
        """The features of the side."""
        return frozenset({f"{side}_features"})

    def build_side(self, data: TowerData, side: str) -> SideNetwork:
        """The encoder, and the decoder where there is one."""
        from hashrec_fast.towers.networks.content import ContentSide  # noqa: PLC0415 - torch

        return ContentSide(self, data, side)

    def read(
        self, features: tuple[sp.csr_matrix, ...], arrays: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.float32]:
        """Outputs for rows of features (n, n_features) by exported weights, (n, n_bits)."""
        rows = sp.csr_matrix(sp.hstack(features), dtype=np.float64)
        weight = arrays["weight_0"].astype(np.float64)
        if self.importance:
            weight = weight * arrays["importance"][:, None]
        hidden = rows @ weight + arrays["bias_0"]
        for i in range(1, len(self.hidden) + 1):
            hidden = np.maximum(hidden, 0) @ arrays[f"weight_{i}"] + arrays[f"bias_{i}"]
        return np.asarray(hidden, dtype=np.float32)
