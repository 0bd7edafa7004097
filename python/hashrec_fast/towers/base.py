# SPDX-License-Identifier: Apache-2.0
"""What every tower says about itself; the networks themselves live in ``towers/networks``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import scipy.sparse as sp

from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.field_checks import check_fields

if TYPE_CHECKING:
    from hashrec_fast.towers.networks.base import TowerNetwork
    from hashrec_fast.towers.networks.sides import SideNetwork


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
    """What a tower is built from.

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
