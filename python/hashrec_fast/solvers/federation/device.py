# SPDX-License-Identifier: Apache-2.0
"""Device of a federation: the ratings and the code of one user, which never leave it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.row_terms import EntryLists
from hashrec_fast.kernels.rows import RowPass, row_pass
from hashrec_fast.solvers.federation.messages import BitErrors, BitFlips, ErrorVectors, ItemCodes
from hashrec_fast.solvers.state import ONE, SignState

SWEEPS = 1000  # "until no bit flips"; the limit is never met in practice


class Device:
    """Ratings (as targets) and code of one user.

    It says nothing but :class:`ErrorVectors` and :class:`BitErrors`. :class:`Fleet` does the same
    for many devices in one compiled call.

    Parameters
    ----------
    items : int32 (n,), ascending
    targets : float64 (n,)
        Wanted scores, from ``-n_bits`` to ``n_bits``.
    state : int16 (width,)
        The user's code as signs times 256, updated in place.
    n_bits : int
    """

    def __init__(
        self,
        items: NDArray[np.int32],
        targets: NDArray[np.float64],
        state: NDArray[np.int16],
        n_bits: int,
    ) -> None:
        self._items, self._targets, self._state, self._n_bits = items, targets, state, n_bits
        self._errors = np.zeros(len(items))
        self._item_bits = np.zeros((len(items), n_bits), dtype=np.int16)

    def learn(self, download: ItemCodes) -> None:
        """Improve the own code bit by bit until none flips, then note the errors."""
        items = SignState.from_codes(download.codes[self._items], self._n_bits)
        entries = EntryLists(
            np.array([0, len(self._items)]),
            np.arange(len(self._items), dtype=np.int32),
            None,
            self._targets,
        )
        step = RowPass(entries=entries, sweeps=SWEEPS, num_threads=1)
        own, codes = self._state[None], items.codes()
        row_pass(own, self._n_bits, items.values, step, other_codes=codes)
        self._item_bits = items.values[:, : self._n_bits] // ONE
        self._errors = self._targets - self._item_bits @ self._signs()

    def error_vectors(self) -> ErrorVectors:
        """The upload of a step over all bits at once."""
        return ErrorVectors(
            begin=np.array([0, len(self._items)]),
            items=self._items.copy(),
            vectors=np.outer(self._errors, self._signs()),
            counts=np.ones(len(self._items), dtype=np.int32),
        )

    def bit_errors(self, bit: int) -> BitErrors:
        """The upload for one bit."""
        return BitErrors(
            bit=bit,
            begin=np.array([0, len(self._items)]),
            items=self._items.copy(),
            values=self._errors * self._signs()[bit],
            counts=np.ones(len(self._items), dtype=np.int32),
        )

    def hear(self, flips: BitFlips) -> None:
        """Correct the errors for items that changed a bit."""
        hit = np.flatnonzero(np.isin(self._items, flips.items))
        old = self._item_bits[hit, flips.bit]
        self._errors[hit] += 2.0 * old * self._signs()[flips.bit]
        self._item_bits[hit, flips.bit] = -old

    def _signs(self) -> NDArray[np.float64]:
        return self._state[: self._n_bits].astype(np.float64) / ONE
