# SPDX-License-Identifier: Apache-2.0
"""Seeded negative samples for pointwise, pairwise and listwise losses, as ragged lists.

Nothing of the size users x items is made: an unobserved item is drawn as "the p-th item that the
user does not have", and a binary search over the sorted interactions finds which one that is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Ints = NDArray[np.int64]

CHUNK_CELLS = 1 << 22  # of the arrays made for users who have seen almost everything


@dataclass(frozen=True, eq=False)
class SampledLists:
    """Lists of items, each owned by a user; a user may own several, one after the other.

    Attributes
    ----------
    indptr : int64 (n_lists + 1,)
    owners : int64 (n_lists,), ascending
    items : int64 (n_entries,)
    values : float64 (n_entries,)
        Stored value of an observed pair.
    observed : bool (n_entries,)
    """

    indptr: Ints
    owners: Ints
    items: Ints
    values: NDArray[np.float64]
    observed: NDArray[np.bool_]


def sample_lists(
    user_items: sp.csr_matrix, negatives: float, rng: np.random.Generator
) -> SampledLists:
    """One list for each user with interactions: all of them, then unobserved items.

    Parameters
    ----------
    user_items : CSR (n_users, n_items) with sorted rows
    negatives : float
        Distinct unobserved items for each interaction, as far as there are that many.
    rng : numpy.random.Generator

    Returns
    -------
    SampledLists
        For pointwise and listwise losses.
    """
    n_users, n_items = user_items.shape
    seen = np.diff(user_items.indptr).astype(np.int64)
    wanted = np.minimum(np.rint(negatives * seen).astype(np.int64), n_items - seen)
    rows, places = _distinct_places(n_items - seen, wanted, rng)
    drawn = _unobserved(user_items, rows, places)
    owners = np.concatenate([np.repeat(np.arange(n_users), seen), rows])
    # Shuffled, so that losses which break ties by position learn nothing from item numbers.
    order = np.lexsort((rng.random(len(owners)), owners))
    lengths = (seen + wanted)[seen > 0]
    return SampledLists(
        np.concatenate([[0], np.cumsum(lengths)]),
        np.flatnonzero(seen),
        np.concatenate([user_items.indices.astype(np.int64), drawn])[order],
        np.concatenate([user_items.data.astype(np.float64), np.zeros(len(drawn))])[order],
        np.concatenate([np.ones(user_items.nnz, bool), np.zeros(len(drawn), bool)])[order],
    )


def sample_pairs(
    user_items: sp.csr_matrix, negatives: int, rng: np.random.Generator
) -> SampledLists:
    """One list for each interaction: the item, then ``negatives`` unobserved ones.

    The unobserved items are drawn with replacement. Users who have everything own no list.
    """
    n_users, n_items = user_items.shape
    seen = np.diff(user_items.indptr).astype(np.int64)
    users = np.repeat(np.arange(n_users), seen)
    usable = np.flatnonzero((n_items - seen)[users] > 0)
    owners = users[usable]
    free = (n_items - seen)[owners]
    places = rng.integers(0, free[:, None], (len(owners), negatives))
    drawn = _unobserved(user_items, np.repeat(owners, negatives), places.ravel())
    width = negatives + 1
    items, values = np.empty((len(owners), width), np.int64), np.zeros((len(owners), width))
    items[:, 0], values[:, 0] = user_items.indices[usable], user_items.data[usable]
    items[:, 1:] = drawn.reshape(-1, negatives)
    observed = np.zeros(items.shape, dtype=bool)
    observed[:, 0] = True
    return SampledLists(
        width * np.arange(len(owners) + 1), owners, items.ravel(), values.ravel(), observed.ravel()
    )


def unobserved_items(
    user_items: sp.csr_matrix, rows: Ints, count: int, rng: np.random.Generator
) -> Ints:
    """``count`` items that each of some rows does not hold, with replacement, (len(rows), count).

    Every row named must lack an item; the rows of the matrix must be sorted.
    """
    free = user_items.shape[1] - np.diff(user_items.indptr).astype(np.int64)[rows]
    places = rng.integers(0, free[:, None], (len(rows), count))
    return _unobserved(user_items, np.repeat(rows, count), places.ravel()).reshape(-1, count)


def _unobserved(user_items: sp.csr_matrix, rows: Ints, places: Ints) -> Ints:
    """Item number of the ``places[i]``-th item that row ``rows[i]`` does not hold."""
    indptr = user_items.indptr.astype(np.int64)
    entry_rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    # It is p plus the number of held ids x_0 < x_1 < .. with x_j - j <= p.
    gaps = user_items.indices - (np.arange(len(entry_rows)) - indptr[entry_rows])
    stride = user_items.shape[1] + 1
    below = np.searchsorted(entry_rows * stride + gaps, rows * stride + places, side="right")
    return np.asarray(places + below - indptr[rows], dtype=np.int64)


def _distinct_places(free: Ints, wanted: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """``wanted[r]`` distinct numbers below ``free[r]`` for every row; rows ascending."""
    scarce = 2 * wanted > free
    few = _shuffled(np.flatnonzero(scarce & (wanted > 0)), free, wanted, rng)
    many = _redrawn(np.where(scarce, 0, wanted), free, rng)
    rows, places = (np.concatenate(parts) for parts in zip(few, many, strict=True))
    order = np.lexsort((places, rows))
    return rows[order], places[order]


def _shuffled(rows: Ints, free: Ints, wanted: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Numbers by shuffling all of them: for rows that want most of what there is."""
    found: list[tuple[Ints, Ints]] = [(rows[:0], rows[:0])]
    step = max(1, CHUNK_CELLS // max(1, int(free[rows].max(initial=0))))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        keys = rng.random((len(part), int(free[part].max())))
        keys[np.arange(keys.shape[1]) >= free[part][:, None]] = np.inf
        order = np.argsort(keys, axis=1)
        taken = np.arange(keys.shape[1]) < wanted[part][:, None]
        found.append((np.repeat(part, wanted[part]), order[taken]))
    first, second = zip(*found, strict=True)
    return np.concatenate(first), np.concatenate(second)


def _redrawn(wanted: Ints, free: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Numbers by drawing and drawing again what came twice; at most half of all are wanted."""
    stride = int(free.max(initial=0)) + 1
    keys = np.zeros(0, dtype=np.int64)
    missing = wanted
    while missing.any():
        rows = np.repeat(np.arange(len(free)), missing)
        keys = np.union1d(keys, rows * stride + rng.integers(0, free[rows]))
        missing = wanted - np.bincount(keys // stride, minlength=len(free))
    return keys // stride, keys % stride
