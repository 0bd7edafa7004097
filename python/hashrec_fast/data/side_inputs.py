# SPDX-License-Identifier: Apache-2.0
"""Side information at the door of the estimators: checked, in float64 CSR, one form for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import scipy.sparse as sp

from hashrec_fast.data.garments import checked_garments
from hashrec_fast.data.kg_inputs import as_knowledge_graph
from hashrec_fast.data.matrices import as_binary, as_matrix, as_views, refuse
from hashrec_fast.data.side_info import KnowledgeGraph
from hashrec_fast.types import MatrixInput, SideInfoInput

NAMES = (
    "item_features",
    "user_features",
    "social",
    "examined",
    "kg",
    "timestamps",
    "outfits",
    "garment_features",
    "garment_attributes",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class SideInfo:
    """Side information: what is known beside the interactions a method learns from.

    Attributes
    ----------
    item_features, user_features : tuple of csr_matrix float64 (n_items | n_users, n_features)
        One matrix per view; empty where there are none.
    social : csr_matrix float64 (n_users, n_users) or None
        Directed links with weights of at least zero; a link to oneself is dropped.
    examined : csr_matrix float64 (n_users, n_items) or None
        A weaker second behaviour (views, clicks), binary.
    kg : KnowledgeGraph or None
        Triples over entities, some of which are items.
    timestamps : csr_matrix float64 (n_users, n_items) or None
        When each interaction took place; a stored zero is a time.
    outfits : csr_matrix float64 (n_items, n_garments) or None
        For methods whose items are outfits: which garments each is made of, binary.
    garment_features : tuple of csr_matrix float64 (n_garments, n_features)
        Two views, what a garment looks like and what is written about it; or none.
    garment_attributes : csr_matrix float64 (n_garments, n_attributes) or None
        Which attributes (colour, kind) a garment has, binary.
    """

    item_features: tuple[sp.csr_matrix, ...] = ()
    user_features: tuple[sp.csr_matrix, ...] = ()
    social: sp.csr_matrix | None = None
    examined: sp.csr_matrix | None = None
    kg: KnowledgeGraph | None = None
    timestamps: sp.csr_matrix | None = None
    outfits: sp.csr_matrix | None = None
    garment_features: tuple[sp.csr_matrix, ...] = ()
    garment_attributes: sp.csr_matrix | None = None

    def features(self, side: str) -> tuple[sp.csr_matrix, ...]:
        """The feature views of ``"user"`` or ``"item"``."""
        return self.item_features if side == "item" else self.user_features

    def widths(self) -> dict[str, list[int]]:
        """Number of features of every view by side, sides without features left out."""
        found = {side: [view.shape[1] for view in self.features(side)] for side in ("user", "item")}
        return {side: widths for side, widths in found.items() if widths}


def as_side_info(
    value: SideInfoInput | None,
    *,
    needs: frozenset[str],
    uses: frozenset[str],
    shape: tuple[int, int],
    method: str,
    source: object = None,
) -> SideInfo:
    """Check side information against what a method needs and can use.

    Parameters
    ----------
    value : mapping, Dataset or None
        What the caller gave. ``None`` takes the parts from ``source`` (a Dataset), if it has them.
    needs, uses : names without which the method cannot run, and all names it takes
    shape : (n_users, n_items)
    method : name for messages
    source : Dataset or anything else

    Raises
    ------
    TypeError, ValueError
        For a name the method has no use for, a missing one, a wrong shape or a bad value; the
        message names the row, the column and the expected form.
    """
    given = _by_name(value, uses, method) if value is not None else _offered(source, uses)
    missing = sorted(needs - given.keys())
    if missing:
        names = " and ".join(f"side_info[{name!r}]" for name in missing)
        raise ValueError(f"{method} needs {names}, {_what_was_given(given)}")
    parts: dict[str, Any] = {}
    for name, part in given.items():
        if name == "social":
            parts[name] = _graph(part, shape[0])
        elif name == "examined":
            parts[name] = _behaviour(part, shape)
        elif name == "kg":
            parts[name] = as_knowledge_graph(part, shape[1])
        elif name == "timestamps":
            parts[name] = _times(part, shape)
        elif name in ("outfits", "garment_features", "garment_attributes"):
            parts[name] = part  # below: they must fit one another
        else:
            n_rows, rows = (shape[1], "item") if name == "item_features" else (shape[0], "user")
            parts[name] = as_views(part, f"side_info[{name!r}]", n_rows=n_rows, rows=rows)
    if "outfits" in parts:
        parts |= checked_garments(parts, shape[1])
    return SideInfo(**parts)


def _by_name(value: Any, uses: frozenset[str], method: str) -> dict[str, Any]:
    if not uses:
        raise ValueError(f"{method} uses no side_info, got {type(value).__name__}")
    if not isinstance(value, Mapping):
        if hasattr(value, "user_items") and not sp.issparse(value):
            return _offered(value, uses)
        raise TypeError(
            "side_info must be a mapping such as {'item_features': csr_matrix} or a Dataset, "
            f"got {type(value).__name__}"
        )
    unknown = sorted(str(name) for name in value.keys() - uses)
    if unknown:
        raise ValueError(
            f"{method} uses side_info {', '.join(sorted(uses))}; got {', '.join(unknown)} as well"
        )
    return {name: part for name, part in value.items() if part is not None}


def _offered(source: Any, uses: frozenset[str]) -> dict[str, Any]:
    """What a Dataset has of the names a method can use."""
    if source is None or sp.issparse(source):
        return {}
    found = {name: getattr(source, name, None) for name in uses}
    return {name: part for name, part in found.items() if part is not None}


def _what_was_given(given: Mapping[str, Any]) -> str:
    return f"got only {', '.join(sorted(given))}" if given else "got none"


def _times(value: MatrixInput, shape: tuple[int, int]) -> sp.csr_matrix:
    name = "side_info['timestamps']"
    matrix = as_matrix(value, name)
    if matrix.shape != shape:
        raise ValueError(f"{name} must have the shape of user_items {shape}, got {matrix.shape}")
    return matrix


def _graph(value: MatrixInput, n_users: int) -> sp.csr_matrix:
    name = "side_info['social']"
    matrix = as_matrix(value, name)
    if matrix.shape != (n_users, n_users):
        raise ValueError(
            f"{name} must be of shape ({n_users}, {n_users}), users by users, got {matrix.shape}"
        )
    refuse(matrix, matrix.data < 0, name, "negative")
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return matrix


def _behaviour(value: MatrixInput, shape: tuple[int, int]) -> sp.csr_matrix:
    return as_binary(value, "side_info['examined']", shape, "that of user_items")
