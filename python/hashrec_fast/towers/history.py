# SPDX-License-Identifier: Apache-2.0
"""Autoencoders of the interactions of a row: users by their items, items by their users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.ranges import Count, Main, NonNegative, ShareBelowOne, ZeroOrMore
from hashrec_fast.towers.base import Tower, TowerData
from hashrec_fast.towers.history_rows import encode_history

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork


@dataclass(frozen=True, kw_only=True)
class History(Tower):
    """Two encoders of training interactions, with decoders, and with distributions of the rows.

    Rows are values over the largest one of training. New rows go through the network itself.

    Attributes
    ----------
    hidden : tuple of int
        Widths of the encoder's hidden layers, at least one; the last layer is linear.
    decoder : tuple of int or None
        Widths of the hidden layers of a decoder back to the row; ``None`` builds none.
    activation : {"relu", "tanh"}
        Nonlinearity of hidden layers.
    dropout : float
        Share of the last hidden layer that is dropped in training.
    input_dropout : float
        Share of a row's interactions that the encoder is not shown in training.
    unit_rows : bool
        Whether rows are scaled to length 1, so that rows with many interactions do not saturate.
    start_deviation : float
        Standard deviation of the first layer's first weights; 0 is Glorot's uniform start. Rows of
        length 1 spread well from 1.
    variational : bool
        Whether a row is a normal distribution, from which training draws; new and exported rows
        are its mean.
    flow_steps : int
        Planar steps ``z + u sigmoid(w z + a)`` by which every dimension of a draw goes on
        (HCFRec eq. 4); each is invertible whatever the parameters.
    waiting : {"draw", "mean"}
        What rows of a variational side are while the other one learns: one draw for the whole turn
        (BiVAE), or their mean, which is what is exported.
    """

    hidden: Main[tuple[Count, ...]] = (128,)
    decoder: tuple[Count, ...] | None = None
    activation: Literal["relu", "tanh"] = "relu"
    dropout: ShareBelowOne = 0.0
    input_dropout: ShareBelowOne = 0.0
    unit_rows: bool = False
    start_deviation: NonNegative = 0.0
    variational: bool = False
    flow_steps: ZeroOrMore = 0
    waiting: Literal["draw", "mean"] = "draw"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.hidden:
            raise ValueError("the encoder needs a hidden layer, got hidden=()")
        if self.flow_steps and not self.variational:
            raise ValueError(
                f"flow_steps must be 0 without variational=True, got {self.flow_steps}"
            )

    @property
    def abilities(self) -> frozenset[str]:  # type: ignore[override]
        """Cosines of rows, a decoder and draws where there are such."""
        drawn = {"drawn rows"} if self.variational else set()
        return self.only_by_terms | drawn | {"cosines of rows"}

    @property
    def only_by_terms(self) -> frozenset[str]:  # type: ignore[override]
        """The decoder."""
        return frozenset() if self.decoder is None else frozenset({"a decoder of rows"})

    def build(self, data: TowerData) -> TowerNetwork:
        """Encoders and decoders of both sides."""
        from hashrec_fast.towers.networks.history import HistoryNetwork  # noqa: PLC0415

        return HistoryNetwork(self, data)

    def row_sides(self) -> frozenset[str]:
        """Both."""
        return frozenset({"user", "item"})

    def encode_rows(
        self, rows: sp.csr_matrix, side: str, arrays: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.float32]:
        """Real vectors of new rows, each a function of its row alone.

        Parameters
        ----------
        rows : csr_matrix (n, width)
            Values as in training.
        side : {"user", "item"}
        arrays : mapping
            What the network exported.

        Returns
        -------
        float32 (n, n_bits)
        """
        return encode_history(rows, side, arrays, self.activation, unit_rows=self.unit_rows)
