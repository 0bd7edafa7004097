# SPDX-License-Identifier: Apache-2.0
"""Ragged lists as a few padded rectangles of lists of similar length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Bucket:
    """Lists of similar length.

    Attributes
    ----------
    lists : int64 (n,)
        Numbers of the lists.
    entries : int64 (n, length)
        Position of each cell's entry; 0 where ``mask`` is false.
    mask : bool (n, length)
    """

    lists: NDArray[np.int64]
    entries: NDArray[np.int64]
    mask: NDArray[np.bool_]


def buckets(indptr: NDArray[np.int64], max_cells: int = 1 << 15) -> Iterator[Bucket]:
    """Cut lists into buckets of at most ``max_cells`` cells, longest lists first.

    At least four fifths of every row are filled; a list longer than ``max_cells`` is alone.
    Empty lists are left out.

    Examples
    --------
    >>> import numpy as np
    >>> [bucket.entries.tolist() for bucket in buckets(np.array([0, 5, 6, 10]))]
    [[[0, 1, 2, 3, 4], [6, 7, 8, 9, 0]], [[5]]]
    """
    lengths = np.diff(indptr)
    order = np.argsort(-lengths, kind="stable")
    order = order[lengths[order] > 0]
    sizes = lengths[order]
    start = 0
    while start < len(order):
        width = int(sizes[start])
        similar = int(np.searchsorted(-sizes, -0.8 * width, side="right"))
        stop = min(max(start + 1, similar), start + max(1, max_cells // width))
        lists = order[start:stop]
        columns = np.arange(width)
        mask = columns < lengths[lists][:, None]
        entries = np.where(mask, indptr[lists][:, None] + columns, 0)
        yield Bucket(lists, entries, mask)
        start = stop
