# SPDX-License-Identifier: Apache-2.0
"""Columns of text: to labels and numbers, and together to a ``Dataset``."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast._utils import DataError
from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.pairs import Duplicates
from hashrec_fast.data.readers.text import Block, error_at


class Labels:
    """Distinct labels of a column, numbered in the order they are first seen."""

    def __init__(self) -> None:
        self._codes: defaultdict[Any, int] = defaultdict()
        self._codes.default_factory = self._codes.__len__
        self._parts: list[NDArray[np.int64]] = []

    def extend(self, texts: list[Any]) -> None:
        """Add the labels of further rows."""
        lookup = self._codes.__getitem__
        self._parts.append(np.fromiter(map(lookup, texts), np.int64, count=len(texts)))

    def codes(self) -> NDArray[np.int64]:
        """Return the number of every row's label."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.int64)

    def finish(self, path: Path, role: str, lines: NDArray[np.int64], *, integer: bool) -> Any:
        """Return the labels: an int64 array if all are plain integers, else an array of str.

        Raises
        ------
        DataError
            A label is empty or not UTF-8, or a column of integers (or one that must be, with
            ``integer``) holds a negative number or something else.
        """
        texts = list(self._codes)

        def fail(at: int, message: str) -> DataError:
            row = int(np.flatnonzero(self.codes() == at)[0])
            return error_at(path, int(lines[row]), f"{role} {message}")

        if b"" in self._codes:
            raise fail(self._codes[b""], "is empty, wanted an id")
        if all(map(_is_integer, texts)) or integer:
            for at, text in enumerate(texts):
                if not _is_integer(text):
                    raise fail(at, f"must be an integer, got {text.decode(errors='replace')!r}")
                if text.startswith(b"-"):
                    raise fail(at, f"must not be negative, got {text.decode()}")
            return np.array([int(text) for text in texts], np.int64)
        try:
            return np.array([text.decode() for text in texts])
        except UnicodeDecodeError:
            at = next(at for at, text in enumerate(texts) if not _is_utf8(text))
            raise fail(at, "is not UTF-8 text") from None


def _is_integer(text: bytes) -> bool:
    digits = text.removeprefix(b"-")
    # "007" stays a label: as a number it would fall together with "7"
    return digits.isdigit() and len(digits) < 19 and (digits == b"0" or digits[:1] != b"0")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def parse_rating(text: bytes) -> float:
    """Read a finite number; ``ValueError`` otherwise."""
    value = float(text)
    if not math.isfinite(value) or abs(value) > 3.4e38 or b"_" in text:
        raise ValueError
    return value


def parse_time(text: bytes) -> int:
    """Read a time as an integer; fractions of a second are cut off."""
    if b"_" in text:
        raise ValueError
    try:
        value = int(text)
    except ValueError:
        value = math.floor(parse_rating(text))
    if abs(value) >= 1 << 63:
        raise ValueError
    return value


def _numbers(
    path: Path, block: Block, texts: list[bytes], role: str, parse: Callable[[bytes], float]
) -> list[float]:
    table: dict[bytes, float] = {}
    try:
        for text in set(texts):
            table[text] = parse(text)
    except ValueError:
        for line, text in zip(block.lines.tolist(), texts, strict=True):
            try:
                parse(text)
            except ValueError:
                got = text[:80].decode(errors="replace")
                raise error_at(path, line, f"{role} must be a finite number, got {got!r}") from None
    return [table[text] for text in texts]


@dataclass
class Table:
    """Columns of a text file gathered block by block."""

    path: Path
    roles: list[str]
    labels: dict[str, Labels] = field(default_factory=dict)
    numbers: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    lines: list[NDArray[np.int64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.labels = {role: Labels() for role in ("user", "item")}
        self.numbers = {role: [] for role in self.roles if role not in self.labels}

    def extend(self, block: Block) -> None:
        """Add the rows of a block, whose columns stand in the order of ``roles``."""
        self.lines.append(block.lines)
        for role, texts in zip(self.roles, block.columns, strict=True):
            if role in self.labels:
                self.labels[role].extend(texts)
            elif role == "rating":
                values = _numbers(self.path, block, texts, role, parse_rating)
                self.numbers[role].append(np.array(values, np.float64))
            else:
                values = _numbers(self.path, block, texts, role, parse_time)
                self.numbers[role].append(np.array(values, np.int64))

    def to_dataset(
        self, *, min_rating: float | None, duplicates: Duplicates, integer: bool
    ) -> Dataset:
        """Build the data set, labels numbered in sorted order."""
        lines = np.concatenate(self.lines) if self.lines else np.zeros(0, np.int64)
        if not lines.size:
            raise DataError(f"{self.path}, line 1: no interactions, wanted at least one row")
        columns = {role: np.concatenate(parts) for role, parts in self.numbers.items()}
        users, items = (
            (labels.codes(), labels.finish(self.path, role, lines, integer=integer))
            for role, labels in self.labels.items()
        )
        return dataset_from_codes(
            self.path, users, items, columns, min_rating=min_rating, duplicates=duplicates
        )


def dataset_from_codes(
    path: Path,
    users: tuple[NDArray[np.int64], NDArray[Any]],
    items: tuple[NDArray[np.int64], NDArray[Any]],
    columns: dict[str, NDArray[Any]],
    *,
    min_rating: float | None,
    duplicates: Duplicates,
) -> Dataset:
    """Drop low ratings, then number the labels that remain in sorted order.

    Raises
    ------
    DataError
        No rating reaches ``min_rating``.
    """
    ratings, timestamps = columns.get("rating"), columns.get("timestamp")
    numbers, labels = [], []
    keep = np.ones(len(users[0]), np.bool_)
    if min_rating is not None:
        keep = ratings_at_least(path, ratings, min_rating)
    for codes, known in (users, items):
        used, inverse = np.unique(codes[keep], return_inverse=True)
        order = np.argsort(known[used], kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        numbers.append(rank[inverse])
        labels.append(known[used][order])
    return Dataset.from_pairs(
        numbers[0],
        numbers[1],
        ratings=None if ratings is None else ratings[keep],
        timestamps=None if timestamps is None else timestamps[keep],
        user_ids=labels[0],
        item_ids=labels[1],
        duplicates=duplicates,
        name=path.name.split(".")[0],
    )


def ratings_at_least(
    path: Path, ratings: NDArray[Any] | None, min_rating: float
) -> NDArray[np.bool_]:
    """Return the mask of rows whose rating reaches ``min_rating``; there must be some."""
    if ratings is None:
        raise ValueError(f"min_rating={min_rating} needs ratings, and {path} has none")
    keep = np.asarray(ratings >= min_rating)
    if not keep.any():
        raise DataError(f"{path}: no rating reaches min_rating={min_rating}")
    return keep
