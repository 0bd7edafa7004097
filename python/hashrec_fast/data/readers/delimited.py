# SPDX-License-Identifier: Apache-2.0
"""Comma-, tab- or otherwise separated text, with or without a header."""

from __future__ import annotations

from pathlib import Path

from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers.columns import Table, parse_rating
from hashrec_fast.data.readers.text import error_at, first_lines, read_blocks, split_line

Column = str | int | None

ROLES = ("user", "item", "rating", "timestamp")
_SEPARATORS = ("\t", "::", ",", ";", "|", " ")
_KNOWN = {
    "user": ("user", "user_id", "userid", "uid"),
    "item": ("item", "item_id", "itemid", "iid", "movie_id", "movieid"),
    "rating": ("rating", "ratings", "score"),
    "timestamp": ("timestamp", "time", "unix_timestamp", "unixreviewtime"),
}


def read_delimited(
    path: Path,
    chosen: dict[str, Column],
    *,
    separator: str | None = None,
    header: bool | None = None,
    min_rating: float | None = None,
    duplicates: Duplicates = "last",
    integer: bool = False,
) -> Dataset:
    """Read a table of text; see ``read`` for the rules.

    Raises
    ------
    DataError
        The file is empty or malformed; the message names file and line.
    """
    lines = first_lines(path)
    number, first = lines[0]
    sep = detect_separator(first) if separator is None else separator.encode()
    names = split_line(path, number, first, sep)
    if header is None:
        header = _has_header(names, chosen)
        if not header and len(lines) > 1:
            _refuse_doubtful_header(path, number, names, split_line(path, *lines[1], sep))
    places = find_columns(path, number, names if header else None, len(names), chosen)
    roles = [role for role in ROLES if role in places]
    table = Table(path, roles)
    skip = number if header else 0
    wanted = [places[role] for role in roles]
    for block in read_blocks(path, sep, wanted, n_columns=len(names), skip=skip):
        table.extend(block)
    return table.to_dataset(min_rating=min_rating, duplicates=duplicates, integer=integer)


def detect_separator(line: bytes) -> bytes:
    """Return the first of tab, ``::``, comma, semicolon, bar and blank that the line holds."""
    for separator in _SEPARATORS:
        if separator.encode() in line:
            return separator.encode()
    return b","


def known_role(name: str) -> str | None:
    """Tell what a column of this name holds, or None."""
    plain = name.lower()
    return next((role for role, names in _KNOWN.items() if plain in names), None)


def _has_header(names: list[str], chosen: dict[str, Column]) -> bool:
    if any(isinstance(column, str) for column in chosen.values()):
        return True
    roles = {known_role(name) for name in names}
    return {"user", "item"} <= roles


def _refuse_doubtful_header(path: Path, line: int, first: list[str], second: list[str]) -> None:
    if len(first) < 2 or len(second) < 2:
        return
    if not any(map(_is_number, first)) and all(map(_is_number, second[:2])):
        raise error_at(
            path,
            line,
            f"{first} looks like a header without known names; name the columns with "
            "user='...', item='...', or pass header=True or header=False",
        )


def _is_number(text: str) -> bool:
    try:
        parse_rating(text.encode())
    except ValueError:
        return False
    return True


def find_columns(
    path: Path, line: int, names: list[str] | None, n_columns: int, chosen: dict[str, Column]
) -> dict[str, int]:
    """Find the place of every role: as chosen, else by known names, else 0, 1, 2, 3.

    Raises
    ------
    DataError
        A chosen column does not exist, or user or item cannot be found.
    ValueError
        A column is chosen by name in a file without a header, or two roles fall on one column.
    """
    places: dict[str, int] = {}
    for role in ROLES:
        column = chosen.get(role)
        if isinstance(column, str):
            if names is None:
                raise ValueError(f"{role}={column!r} names a column, but header=False was passed")
            if column not in names:
                raise error_at(path, line, f"no column {column!r} for {role}, got {names}")
            places[role] = names.index(column)
        elif column is not None:
            if not 0 <= column < n_columns:
                raise error_at(path, line, f"no column {column} for {role}, got {n_columns}")
            places[role] = column
    taken = set(places.values())
    for place, role in enumerate(ROLES):
        if role in places:
            continue
        if names is not None:
            found = [i for i, name in enumerate(names) if known_role(name) == role]
        else:
            found = [place] if place < n_columns and not chosen_any(chosen) else []
        found = [i for i in found if i not in taken]
        if found:
            places[role] = found[0]
        elif role in ("user", "item"):
            got = names if names is not None else f"{n_columns} columns"
            raise error_at(path, line, f"no column for {role}, got {got}; pass {role}=...")
    if len(set(places.values())) != len(places):
        raise ValueError(f"two roles share a column of {path}: {places}")
    return places


def chosen_any(chosen: dict[str, Column]) -> bool:
    """Whether the caller chose any column: then the others are not guessed by place."""
    return any(column is not None for column in chosen.values())


def check_chosen(chosen: dict[str, Column], format: str) -> None:
    """Refuse chosen columns for a format that has none to choose.

    Raises
    ------
    ValueError
        A column was chosen.
    """
    if chosen_any(chosen):
        roles = [role for role, column in chosen.items() if column is not None]
        raise ValueError(
            f"format {format!r} has fixed columns; {', '.join(roles)} cannot be chosen"
        )
