# SPDX-License-Identifier: Apache-2.0
"""The atomic ``.inter`` file of RecBole: tab-separated, header of ``name:type``."""

from __future__ import annotations

from pathlib import Path

from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers.columns import Table
from hashrec_fast.data.readers.delimited import ROLES, Column, find_columns
from hashrec_fast.data.readers.text import error_at, first_lines, read_blocks, split_line

_TYPES = ("token", "float", "token_seq", "float_seq")


def read_recbole(
    path: Path,
    chosen: dict[str, Column],
    *,
    min_rating: float | None = None,
    duplicates: Duplicates = "last",
) -> Dataset:
    """Read ``user_id:token``, ``item_id:token`` and, if there, ``rating`` and ``timestamp``.

    Other columns may be chosen by their name without the type.

    Raises
    ------
    DataError
        The header is not of the form ``name:type``, an id is not of type token, a number not of
        type float, or a line is malformed.
    """
    number, first = first_lines(path, 1)[0]
    header = [field.rpartition(":") for field in split_line(path, number, first, b"\t")]
    for name, colon, kind in header:
        if not (name and colon) or kind not in _TYPES:
            raise error_at(
                path,
                number,
                f"header field {name + colon + kind!r}, wanted name:type with a "
                f"type of {', '.join(_TYPES)}",
            )
    names = [name for name, _, _ in header]
    places = find_columns(path, number, names, len(names), chosen)
    for role, place in places.items():
        wanted = "token" if role in ("user", "item") else "float"
        if header[place][2] != wanted:
            raise error_at(
                path,
                number,
                f"column {names[place]!r} for {role} is of type "
                f"{header[place][2]}, wanted {wanted}",
            )
    roles = [role for role in ROLES if role in places]
    table = Table(path, roles)
    wanted_places = [places[role] for role in roles]
    for block in read_blocks(
        path, b"\t", wanted_places, n_columns=len(names), skip=number, quotes=False
    ):
        table.extend(block)
    return table.to_dataset(min_rating=min_rating, duplicates=duplicates, integer=False)
