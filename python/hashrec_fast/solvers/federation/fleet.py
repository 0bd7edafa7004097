# SPDX-License-Identifier: Apache-2.0
"""All devices of a simulation, stacked so that one compiled call serves many of them.

Row ``u`` of every private array belongs to device ``u``; nothing is computed from two rows
together, and what is sent equals what the devices one by one would send (a test holds them
against each other).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import EntryLists
from hashrec_fast.kernels.rows import RowPass, row_pass
from hashrec_fast.solvers.entries import dyadic_bits, round_dyadic
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.solvers.federation.device import SWEEPS, Device
from hashrec_fast.solvers.federation.messages import BitErrors, BitFlips, ErrorVectors, ItemCodes
from hashrec_fast.solvers.state import SignState, pair_scores

ENVELOPE = 1 << 20  # numbers in one upload envelope of error vectors


class Fleet:
    """Ratings and codes of all users, each row on a device of its own.

    Parameters
    ----------
    pairs : csr_matrix (n_users, n_items)
        The pattern of rated items (and of negatives that devices drew for themselves).
    targets : float64 (nnz,)
    n_bits : int
    rng : numpy.random.Generator
        For the random codes to start from.
    """

    def __init__(
        self,
        pairs: sp.csr_matrix,
        targets: NDArray[np.float64],
        n_bits: int,
        rng: np.random.Generator,
    ) -> None:
        self._indptr, self._items = csr_parts(pairs)
        self._n_items = pairs.shape[1]
        longest = int(
            max(np.diff(self._indptr).max(initial=0), np.bincount(self._items).max(initial=0))
        )
        self._targets = round_dyadic(targets, dyadic_bits(longest, float(n_bits)))
        self._n_bits = n_bits
        self._state = SignState.random(pairs.shape[0], n_bits, rng)
        self._item_bits: NDArray[np.int8] = np.empty((0, 0), dtype=np.int8)

    def __len__(self) -> int:
        return len(self._indptr) - 1

    @property
    def size(self) -> int:
        """Number of pairs on all devices together."""
        return len(self._items)

    def device(self, u: int) -> Device:
        """Device ``u`` by itself; it shares its code with this fleet."""
        own = slice(self._indptr[u], self._indptr[u + 1])
        return Device(self._items[own], self._targets[own], self._state.values[u], self._n_bits)

    def learn(self, who: NDArray[np.int32], download: ItemCodes, *, num_threads: int) -> int:
        """Let some devices improve their codes until no bit flips; returns the bits changed."""
        items = SignState.from_codes(download.codes, self._n_bits)
        step = RowPass(
            entries=EntryLists(self._indptr, self._items, None, self._targets),
            rows=who,
            sweeps=SWEEPS,
            num_threads=num_threads,
        )
        own, codes = self._state.values, download.codes
        return row_pass(own, self._n_bits, items.values, step, other_codes=codes)

    def error_vectors(self, who: NDArray[np.int32], download: ItemCodes) -> Iterator[ErrorVectors]:
        """Uploads of some devices for a step over all bits, in envelopes of bounded size."""
        lengths = np.diff(self._indptr)[who]
        groups = np.cumsum(lengths) * self._n_bits // ENVELOPE
        for part in np.split(who, np.flatnonzero(np.diff(groups)) + 1):
            entries, begin, errors, rows = self._errors(part, download)
            signs = self._state.values[rows, : self._n_bits] // 256
            yield ErrorVectors(
                begin=begin,
                items=self._items[entries],
                vectors=errors[:, None] * signs,
                counts=np.ones(len(entries), dtype=np.int32),
            )

    def session(self, who: NDArray[np.int32], download: ItemCodes) -> Session:
        """The same devices through an exact step, one bit after the other."""
        entries, begin, errors, rows = self._errors(who, download)
        items = SignState.from_codes(download.codes, self._n_bits)
        signs = self._state.values[:, : self._n_bits]
        return Session(self._items[entries], begin, errors, rows, signs, items)

    def _errors(
        self, who: NDArray[np.int32], download: ItemCodes
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Entries of some devices, where each device's begin, their errors, their rows."""
        lengths = np.diff(self._indptr)[who]
        begin = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.repeat(self._indptr[who] - begin[:-1], lengths) + np.arange(begin[-1])
        rows = np.repeat(who.astype(np.int64), lengths)
        columns = self._items[entries]
        scores = pair_scores(self._state.codes(), download.codes, rows, columns, self._n_bits)
        return entries, begin, self._targets[entries] - scores, rows

    # --- the simulation's own instruments; no message carries what they return --------------

    def loss(self, item_codes: NDArray[np.uint64]) -> float:
        """Squared error over all devices."""
        who = np.arange(len(self), dtype=np.int32)
        _, _, errors, _ = self._errors(who, ItemCodes(codes=item_codes, n_bits=self._n_bits))
        return float((errors**2).sum())

    def collect_codes(self) -> NDArray[np.uint64]:
        """Codes of all users: possible only because all devices live in this process."""
        return self._state.codes()


class Session:
    """Memory of some devices between the messages of one exact step."""

    def __init__(
        self,
        items: NDArray[np.int32],
        begin: NDArray[np.int64],
        errors: NDArray[np.float64],
        rows: NDArray[np.int64],
        signs: NDArray[np.int16],
        item_state: SignState,
    ) -> None:
        self._items, self._begin, self._errors, self._rows = items, begin, errors, rows
        self._signs, self._item_state = signs, item_state
        self._counts = np.ones(len(items), dtype=np.int32)

    def bit_errors(self, bit: int) -> BitErrors:
        """The upload for one bit."""
        own = self._signs[self._rows, bit] // 256
        return BitErrors(
            bit=bit,
            begin=self._begin,
            items=self._items,
            values=self._errors * own,
            counts=self._counts,
        )

    def hear(self, flips: BitFlips) -> None:
        """Correct the errors for items that changed a bit."""
        change = np.zeros(len(self._item_state.values))
        column = self._item_state.values[:, flips.bit]
        change[flips.items] = column[flips.items] / 128.0  # twice the old sign
        column[flips.items] = -column[flips.items]
        self._errors += change[self._items] * (self._signs[self._rows, flips.bit] // 256)
