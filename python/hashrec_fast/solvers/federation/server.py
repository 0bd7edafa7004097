# SPDX-License-Identifier: Apache-2.0
"""Server of a federation: item codes, and what it does with the devices' messages."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp

from hashrec_fast.solvers.federation.messages import BitErrors, BitFlips, ErrorVectors, ItemCodes
from hashrec_fast.solvers.state import SignState


class Server:
    """Holder of the item codes, which it improves from messages alone.

    Bit ``k`` of item ``i`` with the users' side fixed becomes ``sgn(q)`` with
    ``q = sum_u (t - b_u'd_i) b_uk + n_i d_ik``, the sums over the devices that answered; it stays
    where ``q`` is zero.
    """

    def __init__(self, n_items: int, n_bits: int, rng: np.random.Generator) -> None:
        self._state = SignState.random(n_items, n_bits, rng)
        self.n_bits = n_bits

    def publish(self) -> ItemCodes:
        """The codes as devices need them."""
        return ItemCodes(codes=self._state.codes(), n_bits=self.n_bits)

    def step_all_bits(self, uploads: Iterable[ErrorVectors], inertia: float) -> int:
        """Change all bits at once from one upload per device (a Jacobi step).

        The bits are decided as if the others stayed, so the loss may rise. The self term ``n_i``
        is multiplied by ``inertia``; at ``n_bits`` the loss cannot rise, but little changes.
        """
        n_items = len(self._state.values)
        sums, counts = np.zeros((n_items, self.n_bits)), np.zeros(n_items)
        for upload in uploads:
            place = (upload.items, np.arange(len(upload.items)))
            ones = np.ones(len(upload.items))
            gather = sp.csr_matrix((ones, place), shape=(n_items, len(upload.items)))
            sums += gather @ upload.vectors
            counts = counts + np.bincount(upload.items, upload.counts, minlength=n_items)
        signs = self._state.values[:, : self.n_bits] / 256.0
        gain = (sums + inertia * counts[:, None] * signs) * signs
        flip = gain < -1e-6 * (1 + counts[:, None])
        self._state.values[:, : self.n_bits][flip] *= -1
        return int(flip.sum())

    def step_bit(self, upload: BitErrors) -> BitFlips:
        """Change one bit of every item, as exact coordinate descent does."""
        n_items = len(self._state.values)
        sums = np.asarray(
            np.bincount(upload.items, upload.values, minlength=n_items), dtype=np.float64
        )
        counts = np.bincount(upload.items, upload.counts, minlength=n_items)
        column = self._state.values[:, upload.bit]
        gain = sums * (column / 256.0) + counts
        flipped = np.flatnonzero(gain < -1e-6 * (1 + counts)).astype(np.int32)
        column[flipped] *= -1
        return BitFlips(bit=upload.bit, items=flipped)
