# SPDX-License-Identifier: Apache-2.0
"""Ratings of every user grouped by (distance, rating), and sums over pairs of such classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PAIR_BUDGET = 1 << 21  # pairs of classes held at a time


@dataclass(frozen=True)
class ClassPairs:
    """All ordered pairs of classes of neighbouring users, class by class.

    Attributes
    ----------
    users : range
    classes : slice
        Classes of those users; they are the left partners in turn.
    left, right : int64 (n_pairs,)
    begins : int64 (n_classes,)
        Where the pairs of each left class begin.
    """

    users: range
    classes: slice
    left: Ints
    right: Ints
    begins: Ints

    def sums(self, values: Floats) -> Floats:
        """Sum of pair values by left class, in the order of the right classes."""
        return np.add.reduceat(values, self.begins) if len(values) else np.zeros(0)


class PairClasses:
    """Classes of all users at their present distances.

    Parameters
    ----------
    rows, distances, levels : int64 (nnz,)
        User, Hamming distance and rating (counted from 0) of every entry, users ascending.
    n_users, n_bits : int
    """

    def __init__(
        self, rows: Ints, distances: Ints, levels: Ints, n_users: int, n_bits: int
    ) -> None:
        self.n_bits = n_bits
        base = int(levels.max(initial=0)) + 1
        keys = (rows * (n_bits + 1) + distances) * base + levels
        found, self.member, self.count = np.unique(keys, return_inverse=True, return_counts=True)
        self.level = found % base
        self.distance = found // base % (n_bits + 1)
        self.score = n_bits - 2.0 * self.distance
        self.row = found // base // (n_bits + 1)
        self.indptr = np.searchsorted(self.row, np.arange(n_users + 1))

    def chunks(self) -> Iterator[ClassPairs]:
        """Pairs of classes of one user after another, few enough to hold at a time."""
        sizes = np.diff(self.indptr)
        ends = np.cumsum(sizes**2)
        start, n_users = 0, len(sizes)
        while start < n_users:
            done = ends[start - 1] if start else 0
            stop = int(np.searchsorted(ends, done + PAIR_BUDGET, side="right"))
            stop = max(stop, start + 1)
            classes = slice(int(self.indptr[start]), int(self.indptr[stop]))
            partners = sizes[self.row[classes]]
            begins = np.cumsum(partners) - partners
            left = np.repeat(np.arange(classes.start, classes.stop), partners)
            inside = np.arange(len(left)) - np.repeat(begins, partners)
            right = self.indptr[self.row[left]] + inside
            yield ClassPairs(range(start, stop), classes, left, right, begins)
            start = stop

    def look_up(self, table: Floats, left: Ints, right: Ints) -> Floats:
        """Entries of a table of :func:`pair_entropy_tables` for pairs of classes."""
        label = np.sign(self.level[left] - self.level[right]) + 1
        return np.asarray(
            table[label, self.n_bits + self.distance[right] - self.distance[left]],
            dtype=np.float64,
        )

    def own(self, table: Floats, classes: slice) -> Floats:
        """Entries of the table for a class with itself."""
        which = np.arange(classes.start, classes.stop)
        return self.look_up(table, which, which)
