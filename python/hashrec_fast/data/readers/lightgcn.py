# SPDX-License-Identifier: Apache-2.0
"""Adjacency text of NGCF and LightGCN: ``user item item ...``, one user a line."""

from __future__ import annotations

import re
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import DataError
from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers.text import error_at, open_bytes

_PLAIN = re.compile(rb"[0-9 \t\r\n]*")
_FILES = (("test", 1), ("valid", 2), ("train", 0))  # train last: it wins over a repeat elsewhere


def read_lightgcn(path: Path, *, duplicates: Duplicates = "last") -> Dataset:
    """Read one adjacency file, or a folder with ``train.txt`` and ``test.txt`` (``valid.txt``).

    Ids are 0-based numbers and are kept; a number that never occurs is a user or an item
    without interactions. A folder gives ``split``; a pair that stands in two of its files
    belongs to train, else to valid.

    Raises
    ------
    DataError
        A field is no number or is negative, no line holds an item, or a number is so far
        beyond the count of rows that it cannot be a row number. Names file and line.
    FileNotFoundError
        The folder has no ``train.txt``.
    """
    if not path.is_dir():
        users, items = _read_file(path)
        if not len(items):
            raise DataError(f"{path}, line 1: no interactions, wanted 'user item item ...'")
        return _build(path, users, items, None, duplicates)
    if not (path / "train.txt").is_file():
        raise FileNotFoundError(f"{path} has no train.txt")
    present = [(path / f"{stem}.txt", code) for stem, code in _FILES]
    present = [(file, code) for file, code in present if file.is_file()]
    if duplicates == "first":
        present.reverse()
    parts = [(*_read_file(file), code) for file, code in present]
    users = np.concatenate([part[0] for part in parts])
    items = np.concatenate([part[1] for part in parts])
    split = np.repeat([part[2] for part in parts], [len(part[1]) for part in parts])
    if not (split == 0).any():
        raise DataError(f"{path / 'train.txt'}, line 1: no interactions")
    return _build(path, users, items, split, duplicates)


def _build(
    path: Path,
    users: NDArray[np.int64],
    items: NDArray[np.int64],
    split: NDArray[np.int64] | None,
    duplicates: Duplicates,
) -> Dataset:
    return Dataset.from_pairs(
        users,
        items,
        split=split,
        n_users=int(users.max()) + 1,
        n_items=int(items.max()) + 1,
        duplicates=duplicates,
        name=path.name.split(".")[0],
    )


def _read_file(path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    users: list[int] = []
    items: list[int] = []
    highest = (0, 1)  # the largest number and its line
    with open_bytes(path) as stream:
        for line, text in enumerate(stream, 1):
            if not _PLAIN.fullmatch(text):
                raise _bad_field(path, line, text)
            row = list(map(int, text.split()))
            if len(row) > 1:  # a user alone has no interactions in this file
                users.extend(repeat(row[0], len(row) - 1))
                items.extend(row[1:])
            if row:
                highest = max(highest, (max(row), line))
    if highest[0] > 1_000_000 + 100 * len(items):
        raise error_at(
            path,
            highest[1],
            f"number {highest[0]} in a file of {len(items)} pairs; wanted 0-based row numbers "
            "(read other ids from a table of two columns)",
        )
    return np.array(users, np.int64), np.array(items, np.int64)


def _bad_field(path: Path, line: int, text: bytes) -> DataError:
    field = next(field for field in text.split() if not field.isdigit())
    got = field[:80].decode(errors="replace")
    if re.fullmatch(rb"-[0-9]+", field):
        return error_at(path, line, f"ids must not be negative, got {got}")
    return error_at(path, line, f"wanted 'user item item ...' as numbers, got {got!r}")
