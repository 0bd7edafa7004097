# SPDX-License-Identifier: Apache-2.0
"""Ranked lists of items per user: dealt from ratings, ties in random order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class RankedLists:
    """Lists over the entries of a pattern.

    Attributes
    ----------
    order : int64 (nnz,)
        Entries list after list, best first.
    indptr : int64 (n_lists + 1,)
        Where the lists begin and end.
    """

    order: Ints
    indptr: Ints


def deal_lists(
    row_indptr: Ints, levels: Ints, list_length: int, rng: np.random.Generator
) -> RankedLists:
    """Deal every row, sorted by falling level with ties at random, into lists of one length.

    The rth entry goes to list ``r mod n_lists`` of its row, so that all lists of a row have the
    same mix of levels. ``list_length`` 0 makes one list of every row.
    """
    lengths = np.diff(row_indptr)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    ranked = np.argsort(_sort_keys(rows, levels, rng), kind="stable")
    place = np.arange(len(levels)) - np.repeat(row_indptr[:-1], lengths)
    n_lists = np.ones(len(lengths), dtype=np.int64)
    if list_length > 0:
        n_lists = np.maximum(1, -(-lengths // list_length))
    first = np.concatenate([[0], np.cumsum(n_lists)])
    list_of = first[rows] + place % n_lists[rows]
    order = ranked[np.argsort(list_of, kind="stable")]
    counts = np.bincount(list_of, minlength=first[-1])
    return RankedLists(order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))


def _sort_keys(rows: Ints, levels: Ints, rng: np.random.Generator) -> Ints:
    """Row, falling level and a random number in one integer: one sort instead of three."""
    drop = int(levels.max(initial=0)) - levels
    row_bits = int(rows.max(initial=0)).bit_length()
    level_bits = int(drop.max(initial=0)).bit_length()
    random_bits = min(32, 63 - row_bits - level_bits)
    chance = rng.integers(0, 1 << random_bits, len(levels))
    return np.asarray(((rows << level_bits) | drop) << random_bits | chance)


def with_tail(
    user_items: sp.csr_matrix, times: float, rng: np.random.Generator
) -> tuple[sp.csr_matrix, Ints]:
    """Add ``times`` unobserved items per positive, drawn evenly; a hit on a positive is lost.

    Returns
    -------
    pairs : csr_matrix (n_users, n_items), sorted
    levels : int64 (nnz,)
        1 for a positive and 0 for a drawn item.
    """
    n_users, n_items = user_items.shape
    lengths = np.diff(user_items.indptr)
    wanted = np.rint(lengths * times).astype(np.int64)
    users = np.concatenate([np.repeat(np.arange(n_users), n) for n in (lengths, wanted)])
    items = np.concatenate([user_items.indices, rng.integers(0, n_items, int(wanted.sum()))])
    # np.unique keeps the first of equal keys: positives stand before the draws
    keys, first = np.unique(users.astype(np.int64) * n_items + items, return_index=True)
    levels = (first < user_items.nnz).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(keys // n_items, minlength=n_users))])
    pairs = sp.csr_matrix(
        (levels.astype(np.float32), (keys % n_items).astype(np.int32), indptr),
        shape=user_items.shape,
    )
    return pairs, levels
