# SPDX-License-Identifier: Apache-2.0
"""Uniform samples of items outside each user's list, without a users x items array."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.evaluation.interactions import row_of_entry
from hashrec_fast.kernels.lists import RowLists

Ints = NDArray[np.int64]


def sample_unlisted(
    listed: RowLists, n_items: int, n_samples: int, rng: np.random.Generator
) -> tuple[Ints, NDArray[np.int32]]:
    """Draw distinct items that a row does not list, uniformly and without replacement.

    A row with fewer than ``n_samples`` unlisted items gets all of them.

    Returns
    -------
    rows : ndarray of int64, shape (n_drawn,)
        Row of each item, ascending.
    items : ndarray of int32, shape (n_drawn,)
        The items, ascending within a row.
    """
    n_free = n_items - np.diff(listed[0])
    scarce = n_free <= 2 * n_samples
    rows_of_few, few = _choose_from_few(np.flatnonzero(scarce), n_free[scarce], n_samples, rng)
    rows_of_many, many = _choose_from_many(np.flatnonzero(~scarce), n_free[~scarce], n_samples, rng)
    rows = np.concatenate([rows_of_few, rows_of_many])
    places = np.concatenate([few, many])
    order = np.lexsort((places, rows))
    rows, places = rows[order], places[order]
    # The p-th unlisted item of a row is p plus the number of listed ids below it: with listed ids
    # x_0 < x_1 < .., exactly those with x_j - j <= p.
    list_rows = row_of_entry(listed)
    gaps = listed[1] - (np.arange(len(list_rows)) - listed[0][list_rows])
    stride = n_items + 1
    below = np.searchsorted(list_rows * stride + gaps, rows * stride + places, side="right")
    return rows, (places + below - listed[0][rows]).astype(np.int32)


def _choose_from_few(
    rows: Ints, n_free: Ints, n_samples: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Shuffle all places; only for rows with at most ``2 * n_samples``."""
    if len(rows) == 0:
        return rows, rows
    keys = rng.random((len(rows), int(max(n_free.max(), 1))))
    keys[np.arange(keys.shape[1]) >= n_free[:, None]] = np.inf
    chosen = np.argsort(keys, axis=1)[:, :n_samples]
    wanted = np.arange(chosen.shape[1]) < n_free[:, None]
    return np.repeat(rows, wanted.sum(axis=1)), chosen[wanted]


def _choose_from_many(
    rows: Ints, n_free: Ints, n_samples: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw with replacement and redraw repeats until none is left.

    Relabelling places leaves the procedure unchanged, so all sets of distinct places are equally
    likely. Each redraw repeats with probability below 1/2, so the repeats die out quickly.
    """
    places = rng.integers(0, n_free[:, None], (len(rows), n_samples))
    places.sort(axis=1)
    pending = np.arange(len(rows))
    while len(pending):
        block = places[pending]
        repeats = np.zeros(block.shape, bool)
        repeats[:, 1:] = block[:, 1:] == block[:, :-1]
        again = repeats.any(axis=1)
        pending, block, repeats = pending[again], block[again], repeats[again]
        limits = np.broadcast_to(n_free[pending][:, None], block.shape)[repeats]
        block[repeats] = rng.integers(0, limits)
        block.sort(axis=1)
        places[pending] = block
    return np.repeat(rows, n_samples), places.ravel()
