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
from hashrec_fast.towers.base import SIDES, Tower, TowerData, TowerNetwork
from hashrec_fast.towers.history_rows import encode_history
from hashrec_fast.towers.history_side import Entries, HistorySide, Latent
from hashrec_fast.towers.lazy_torch import functional, torch

if TYPE_CHECKING:
    from torch import Tensor


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
        return HistoryNetwork(self, data)

    def row_sides(self) -> frozenset[str]:
        """Both sides."""
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


class HistoryNetwork(TowerNetwork):
    """Encoders of both sides, and what terms want to know of the rows encoded last."""

    def __init__(self, tower: History, data: TowerData) -> None:
        super().__init__(data)
        self._tower = tower
        values = sp.csr_matrix(data.user_items, dtype=np.float32)
        largest = float(np.abs(values.data).max(initial=0.0))
        self._largest = np.float32(largest or 1.0)
        self._rows = {"user": values, "item": values.T.tocsr()}
        self.sides = torch.nn.ModuleDict(
            {side: HistorySide(tower, self._rows[side].shape[1], data.n_bits) for side in SIDES}
        )
        for side, rows in self._rows.items():
            for name, array in (("starts", rows.indptr), ("columns", rows.indices)):
                tensor = torch.from_numpy(array.astype(np.int64))
                self.register_buffer(f"{side}_{name}", tensor, persistent=False)
            shown = torch.from_numpy(rows.data / self._largest)
            self.register_buffer(f"{side}_values", shown, persistent=False)
        self._latent: dict[str, Latent | None] = {}
        self._exported: dict[str, NDArray[Any]] | None = None
        self._waiting: dict[str, tuple[Tensor, Tensor]] = {}

    def begin(self) -> None:
        """Bring the weights to their grid once, where rows are exported."""
        self._exported = None if self.training else self.arrays()

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """A draw or the vector itself in training; exported rows as new ones are encoded."""
        if not self.training:
            arrays = self._exported or self.arrays()
            own = self._rows[side][rows.cpu().numpy()]
            return torch.from_numpy(self._tower.encode_rows(own, side, arrays)).to(rows.device)
        self._waiting.pop(side, None)
        real, self._latent[side] = self._side(side).encode(self._shown(side, rows))
        return real

    def encode_waiting(self, side: str, rows: Tensor) -> Tensor:
        """Vectors encoded once, until the side learns again: so long its weights stay."""
        kept = self._waiting.get(side)
        if kept is None or not torch.equal(kept[0], rows):
            network = self._side(side)
            with torch.no_grad():
                real, latent = network.encode(self._shown(side, rows))
                if latent is not None and self._tower.waiting == "mean":
                    real = network.carried(latent.mean)[0]
            self._waiting[side] = kept = rows, real
        return kept[1]

    def latent(self, side: str) -> Latent:
        """Distributions of the rows of one side that the step encoded last."""
        latent = self._latent.get(side)
        if latent is None:
            raise ValueError("the tower draws no rows; give History(variational=True)")
        return latent

    def reconstruction_error(self, side: str, rows: Tensor, real: Tensor) -> Tensor:
        """Sum over rows and columns of ``(x - decoded)^2``, without a dense ``x``."""
        decoded, entries = self._side(side).decode(real), self._entries(side, rows)
        met = decoded[entries.rows, entries.columns]
        return decoded.square().sum() + (entries.values * (entries.values - 2 * met)).sum()

    def cosines(self, side: str, rows: Tensor) -> Tensor:
        """Cosines of the interaction rows themselves, (n, n)."""
        entries = self._entries(side, rows)
        dense = entries.values.new_zeros((len(rows), self._rows[side].shape[1]))
        dense[entries.rows, entries.columns] = entries.values
        dense = functional.normalize(dense)
        return dense @ dense.T

    def end(self) -> None:
        """Forget distributions and exported weights."""
        self._latent, self._exported = {}, None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Both encoders, and the largest value of training."""
        found = {"largest": np.asarray(self._largest)}
        for side in SIDES:
            found |= {f"{side}_{k}": v for k, v in self._side(side).arrays().items()}
        return found

    def _side(self, side: str) -> HistorySide:
        network = self.sides[side]
        assert isinstance(network, HistorySide)
        return network

    def _shown(self, side: str, rows: Tensor) -> Entries:
        """What the encoder sees of some rows."""
        entries = self._entries(side, rows)
        if not self._tower.unit_rows:
            return entries
        squares = entries.values.new_zeros(len(rows))
        squares.index_add_(0, entries.rows, entries.values.square())
        lengths = squares.sqrt().clamp(min=1e-12)
        values = entries.values / lengths[entries.rows]
        return Entries(entries.rows, entries.columns, values, entries.starts)

    def _entries(self, side: str, rows: Tensor) -> Entries:
        starts, columns, values = (
            getattr(self, f"{side}_{name}") for name in ("starts", "columns", "values")
        )
        counts = starts[rows + 1] - starts[rows]
        ends = counts.cumsum(0)
        owners = torch.repeat_interleave(torch.arange(len(rows), device=rows.device), counts)
        shift = starts[rows] - (ends - counts)
        places = torch.arange(len(owners), device=rows.device) + shift[owners]
        return Entries(owners, columns[places], values[places], ends - counts)
