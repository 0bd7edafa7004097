# SPDX-License-Identifier: Apache-2.0
"""Base of all towers: the declaration in a recipe, and the network that it builds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.field_checks import check_fields
from hashrec_fast.towers.lazy_torch import Module, torch

if TYPE_CHECKING:
    from torch import Tensor

SIDES = ("user", "item")

ABILITIES = {
    "a judge": "JudgedEmbedding",
    "drawn rows": "History(variational=True)",
    "noisy views": "Propagation",
    "garments": "Outfits or OutfitGraph",
    "related rows": "OutfitGraph",
    "a decoder of rows": "History(decoder=(..))",
    "cosines of rows": "History",
    "a decoder of words": "Sides with Content(decoder='words')",
    "a linear decoder": "Sides with Content(decoder='linear')",
}
"""What a term may ask a tower for besides vectors and scores, and which tower has it."""


@dataclass(frozen=True)
class TowerData:
    """Data that a tower is built from.

    Attributes
    ----------
    user_items : csr_matrix (n_users, n_items)
        The training interactions, explicit methods with their ratings.
    side_info : SideInfo
    n_bits : int
        Width of the real vectors.
    num_threads : int
        For compiled products; 0 uses all cores.
    """

    user_items: sp.csr_matrix
    side_info: SideInfo
    n_bits: int
    num_threads: int = 0

    def n_rows(self, side: str) -> int:
        """Number of users or items."""
        n_users, n_items = self.user_items.shape
        return int(n_users if side == "user" else n_items)


@dataclass(frozen=True, kw_only=True)
class Tower:
    """Base of all towers: a frozen description that builds a network.

    Attributes
    ----------
    needs, uses : frozenset of str
        Side information without which it cannot be built, and all that it takes.
    reads_features : bool
        Whether one side of it, in :class:`Sides`, encodes rows from their features.
    abilities, only_by_terms : frozenset of str
        What terms may ask of it (keys of :data:`ABILITIES`), and what of that has parameters
        that nothing but such a term trains.
    item_constants : bool
        Whether items have a constant in all their scores.
    """

    needs: ClassVar[frozenset[str]] = frozenset()
    uses: ClassVar[frozenset[str]] = frozenset()
    reads_features: ClassVar[bool] = False
    abilities: ClassVar[frozenset[str]] = frozenset()
    only_by_terms: ClassVar[frozenset[str]] = frozenset()
    item_constants: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields(self)

    def build(self, data: TowerData) -> TowerNetwork:
        """The network, its parameters drawn from torch's global generator."""
        raise NotImplementedError(f"{type(self).__name__} builds no network")

    def build_side(self, data: TowerData, side: str) -> SideNetwork:
        """The network of one side, for towers that can stand in :class:`Sides`."""
        raise NotImplementedError(f"{type(self).__name__} cannot serve the {side}s alone")

    def side_needs(self, side: str) -> frozenset[str]:
        """Side information without which :meth:`build_side` cannot work."""
        del side
        return frozenset()

    def feature_sides(self) -> frozenset[str]:
        """Sides whose new rows can be encoded from features alone."""
        return frozenset()

    def row_sides(self) -> frozenset[str]:
        """Sides whose new rows the network itself encodes from their interactions."""
        return frozenset()


class TowerNetwork(Module):
    """Base of the networks that towers build.

    Attributes
    ----------
    blocks : tuple of int
        Widths of the layers that a row consists of, one after the other; most towers have one.
    n_rows : dict
        Number of users and items.
    """

    def __init__(self, data: TowerData, blocks: tuple[int, ...] | None = None) -> None:
        super().__init__()
        self.blocks = blocks or (data.n_bits,)
        self.n_rows = {side: data.n_rows(side) for side in SIDES}
        if sum(self.blocks) != data.n_bits:
            raise ValueError(f"blocks must sum to {data.n_bits} bits, got {self.blocks}")

    def begin(self) -> None:
        """Do once per step what all rows share, such as a propagation over the whole graph."""

    def encode(self, side: str, rows: Tensor) -> Tensor:
        """Real vectors of some users or items.

        Parameters
        ----------
        side : {"user", "item"}
        rows : int64 tensor (n,)

        Returns
        -------
        tensor (n, n_bits)
        """
        raise NotImplementedError

    def encode_waiting(self, side: str, rows: Tensor) -> Tensor:
        """Vectors of a side that does not learn from this step, without a graph."""
        with torch.no_grad():
            return self.encode(side, rows)

    def base(self, side: str, rows: Tensor) -> Tensor:
        """The free parameters behind some rows, (n, width), which L2 penalties look at."""
        return self.encode(side, rows)

    def item_bias(self, rows: Tensor) -> Tensor | None:
        """Part of all scores of some items that is not in the codes, by ``n_bits``; (n,)."""
        del rows
        return None

    def end(self) -> None:
        """Forget what :meth:`begin` made, so that no graph outlives its step."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays that encoding new rows needs, kept with the model."""
        return {}


class SideNetwork(Module):
    """Network of the users or the items alone; a ``decoder`` gives features back."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder: torch.nn.Module | None = None

    def encode(self, rows: Tensor) -> Tensor:
        """Real vectors (n, n_bits) of rows, int64 (n,)."""
        raise NotImplementedError

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays that encoding from features needs."""
        return {}


def table(n_rows: int, width: int, deviation: float) -> torch.nn.Parameter:
    """A normally distributed parameter (n_rows, width)."""
    return torch.nn.Parameter(torch.randn(n_rows, width) * deviation)
