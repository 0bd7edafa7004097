# SPDX-License-Identifier: Apache-2.0
"""Side information of methods whose items are outfits: they are made of garments with features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hashrec_fast.data.matrices import as_binary, as_views


def checked_garments(parts: Mapping[str, Any], n_items: int) -> dict[str, Any]:
    """``outfits``, ``garment_features`` and ``garment_attributes`` of ``parts``, those given.

    Raises
    ------
    TypeError, ValueError
        For a matrix that fits neither the items nor the garments, an outfit of no garment, or
        another number of views than two.
    """
    name = "side_info['outfits']"
    outfits = as_binary(parts["outfits"], name, (n_items, None), "outfits (items) by garments")
    empty = (outfits.getnnz(axis=1) == 0).nonzero()[0]
    if empty.size:
        raise ValueError(f"{name} must give every outfit a garment, outfit {empty[0]} has none")
    n_garments = outfits.shape[1]
    found: dict[str, Any] = {"outfits": outfits}
    if "garment_features" in parts:
        name = "side_info['garment_features']"
        views = as_views(parts["garment_features"], name, n_rows=n_garments, rows="garment")
        if len(views) != 2:
            raise ValueError(f"{name} must be two views, visual and textual, got {len(views)}")
        found["garment_features"] = views
    if "garment_attributes" in parts:
        name = "side_info['garment_attributes']"
        meaning = "garments by attributes"
        found["garment_attributes"] = as_binary(
            parts["garment_attributes"], name, (n_garments, None), meaning
        )
    return found
