# SPDX-License-Identifier: Apache-2.0
"""The rating files of MovieLens: ``u.data``, ``ratings.dat`` and ``ratings.csv``."""

from __future__ import annotations

from pathlib import Path

from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers.delimited import detect_separator, read_delimited
from hashrec_fast.data.readers.text import error_at, first_lines

FILES = ("u.data", "ratings.dat", "ratings.csv")


def read_movielens(
    path: Path, *, min_rating: float | None = None, duplicates: Duplicates = "last"
) -> Dataset:
    """Read user, item, rating and time; ids are integers and keep their value as labels.

    A folder is searched for one of the three files.

    Raises
    ------
    DataError
        The file is malformed; the message names file and line.
    FileNotFoundError
        The folder holds none of the three files.
    """
    if path.is_dir():
        found = [path / name for name in FILES if (path / name).is_file()]
        if not found:
            raise FileNotFoundError(f"{path} holds none of {', '.join(FILES)}")
        path = found[0]
    line, text = first_lines(path, 1)[0]
    separator = detect_separator(text)
    if separator not in (b"\t", b"::", b","):
        raise error_at(path, line, "no tab, '::' or comma, wanted user, item, rating and time")
    n_columns = text.count(separator) + 1
    if n_columns != 4:
        raise error_at(path, line, f"{n_columns} columns, wanted user, item, rating and time")
    header = text.startswith(b"userId")
    return read_delimited(
        path,
        {"user": 0, "item": 1, "rating": 2, "timestamp": 3},
        separator=separator.decode(),
        header=header,
        min_rating=min_rating,
        duplicates=duplicates,
        integer=True,
    )
