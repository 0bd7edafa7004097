# SPDX-License-Identifier: Apache-2.0
"""Messages between devices and server; nothing else ever passes between them.

An upload holds, for every device that sent it, the ids of its items and numbers ``e b_u`` made of
the error ``e = t - b_u'd_i`` and the code ``b_u``, never a rating nor a code.

What an upload reveals all the same: *which* items were rated (sampled negatives blur it for
implicit feedback), and, since ``e b_u`` has one absolute value in all its places, ``|e|`` and the
code up to one sign common to all bits. Whoever knows the item codes can then compute the score up
to that sign and so the targets up to it, and as most people rate more high than low the sign is
easily guessed. The messages keep ratings and codes out of plain sight; against a curious server
they need secure aggregation or noise on top, which this package does not have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemCodes:
    """Message of the server to devices: the codes of all items.

    Attributes
    ----------
    codes : uint64 (n_items, n_words)
    n_bits : int
    """

    codes: NDArray[np.uint64]
    n_bits: int


@dataclass(frozen=True, eq=False, kw_only=True)
class ErrorVectors:
    """Message of devices to the server: a vector per rated item, for a step over all bits at once.

    Attributes
    ----------
    begin : int64 (n_devices + 1,)
        Uploads of many devices may share an envelope; that of the j-th is
        ``begin[j]:begin[j + 1]``. Devices have no names.
    items : int32 (n,)
    vectors : float64 (n, n_bits)
        ``(t - b_u'd_i) b_u``.
    counts : int32 (n,)
        How many ratings a vector stands for: one.
    """

    begin: NDArray[np.int64]
    items: NDArray[np.int32]
    vectors: NDArray[np.float64]
    counts: NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class BitErrors:
    """Message of devices to the server: a component of such vectors, for a bit of the exact step.

    Attributes
    ----------
    bit : int
    begin, items, counts : as in :class:`ErrorVectors`
    values : float64 (n,)
        ``(t - b_u'd_i) b_uk`` of bit ``k``.
    """

    bit: int
    begin: NDArray[np.int64]
    items: NDArray[np.int32]
    values: NDArray[np.float64]
    counts: NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class BitFlips:
    """Message of the server to devices: the items that changed one bit.

    Attributes
    ----------
    bit : int
    items : int32 (n_flipped,)
    """

    bit: int
    items: NDArray[np.int32]


Message = ItemCodes | ErrorVectors | BitErrors | BitFlips
DOWN = (ItemCodes, BitFlips)
UP = (ErrorVectors, BitErrors)
