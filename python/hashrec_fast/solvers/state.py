# SPDX-License-Identifier: Apache-2.0
"""Relaxed signs of one side, on the grid that keeps all sums exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.kernels.packing import pack, unpack
from hashrec_fast.kernels.signs import sign_moments

ONE = 256  # the state's integer for +1; a value v stands for v / ONE


def padded_width(n_bits: int) -> int:
    """Columns of a state: ``n_bits`` rounded up to a multiple of eight."""
    return (n_bits + 7) // 8 * 8


@dataclass
class SignState:
    """Values in [-1, 1] of ``n`` rows, stored as int16 multiples of 1/256.

    Attributes
    ----------
    values : int16 array of shape (n, width)
        ``width`` is ``n_bits`` rounded up to 8; the columns beyond ``n_bits`` are zero.
    n_bits : int
    """

    values: NDArray[np.int16]
    n_bits: int

    @classmethod
    def random(
        cls, n_rows: int, n_bits: int, rng: np.random.Generator, *, scale: float = 1.0
    ) -> SignState:
        """Random signs times ``scale``."""
        values = np.zeros((n_rows, padded_width(n_bits)), dtype=np.int16)
        step = round(scale * ONE)
        values[:, :n_bits] = np.where(
            rng.integers(0, 2, (n_rows, n_bits), dtype=np.int8), step, -step
        )
        return cls(values, n_bits)

    @classmethod
    def from_codes(cls, codes: NDArray[np.uint64], n_bits: int) -> SignState:
        """Signs of packed codes."""
        values = np.zeros((len(codes), padded_width(n_bits)), dtype=np.int16)
        values[:, :n_bits] = unpack(codes, n_bits).astype(np.int16) * ONE
        return cls(values, n_bits)

    @classmethod
    def from_signs(cls, signs: NDArray[np.generic]) -> SignState:
        """Signs of a real or boolean matrix (n, n_bits), sign(0) = +1."""
        n_bits = signs.shape[1]
        values = np.zeros((len(signs), padded_width(n_bits)), dtype=np.int16)
        values[:, :n_bits] = np.where(np.asarray(signs) >= 0, ONE, -ONE)
        return cls(values, n_bits)

    def codes(self) -> NDArray[np.uint64]:
        """Packed signs, uint64 of shape (n, ceil(n_bits / 64)); zero counts as +1."""
        codes: NDArray[np.uint64] = pack(self.values[:, : self.n_bits] >= 0)
        return codes

    def real(self) -> NDArray[np.float64]:
        """The values as doubles, shape (n, width)."""
        return self.values.astype(np.float64) / ONE

    def gram(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Sum of ``w z z'`` over the rows, (width, width); exact for dyadic weights."""
        if weights is None and (counted := self._count_bits()) is not None:
            return counted[0]
        total = np.zeros((self.values.shape[1],) * 2)
        for start in range(0, len(self.values), 16384):
            block = self.values[start : start + 16384].astype(np.float64) / ONE
            left = block if weights is None else block * weights[start : start + 16384, None]
            total += left.T @ block
        return total

    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Gram matrix and total, as :meth:`gram` and :meth:`total` give them, in one go."""
        counted = self._count_bits()
        return (self.gram(), self.total()) if counted is None else counted

    def _count_bits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """The moments where all values are signs."""
        counts = sign_moments(self.values, self.n_bits)
        if counts is None:
            return None
        f, width = self.n_bits, self.values.shape[1]
        gram, total = np.zeros((width, width)), np.zeros(width)
        gram[:f, :f], total[:f] = counts
        return gram, total

    def total(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Sum of ``w z`` over the rows, (width,); exact for dyadic weights."""
        if weights is None:
            return np.asarray(self.values.sum(axis=0, dtype=np.int64) / ONE)
        return np.asarray(weights @ self.values.astype(np.float64)) / ONE


def pair_scores(
    user_codes: NDArray[np.uint64],
    item_codes: NDArray[np.uint64],
    users: NDArray[np.integer[Any]],
    items: NDArray[np.integer[Any]],
    n_bits: int,
) -> NDArray[np.float64]:
    """Scores ``f - 2h`` of the pairs (users[i], items[i]), float64 (n_pairs,)."""
    scores = np.empty(len(users))
    for start in range(0, len(users), 1 << 18):
        part = slice(start, start + (1 << 18))
        differing = user_codes[users[part]] ^ item_codes[items[part]]
        scores[part] = n_bits - 2.0 * np.bitwise_count(differing).sum(axis=1, dtype=np.int64)
    return scores
