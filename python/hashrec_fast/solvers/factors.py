# SPDX-License-Identifier: Apache-2.0
"""Float factors by alternating ridge regressions, and their exact integer top-k."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.kernels.factors import RidgePass, integer_topk, ridge_pass
from hashrec_fast.kernels.lists import RowLists


def padded_factors(n_factors: int) -> int:
    """Columns that the compiled kernels work on: ``n_factors`` rounded up to 16."""
    return (n_factors + 15) // 16 * 16


def random_rows(n_rows: int, n_factors: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Rows of length one on average, padded with zeros."""
    x = np.zeros((n_rows, padded_factors(n_factors)), dtype=np.float32)
    noise = rng.standard_normal((n_rows, n_factors), dtype=np.float32)
    x[:, :n_factors] = noise / np.float32(np.sqrt(n_factors))
    return x


def csr_parts(matrix: sp.csr_matrix) -> RowLists:
    """Offsets and column numbers in the dtypes of the compiled core."""
    return (
        np.ascontiguousarray(matrix.indptr, dtype=np.int64),
        np.ascontiguousarray(matrix.indices, dtype=np.int32),
    )


def transposed(user_items: sp.csr_matrix) -> sp.csr_matrix:
    """The item-by-user matrix in CSR form with sorted rows."""
    item_users = user_items.T.tocsr()
    item_users.sort_indices()
    return item_users


class ImplicitFactors:
    """Implicit-feedback ALS (Hu, Koren and Volinsky, ICDM 2008) by conjugate gradients.

    Minimises ``sum c (p - x'y)^2 + reg (|x|^2 + |y|^2)`` over all pairs, with ``p = 1`` and
    ``c = 1 + alpha`` on observed pairs and ``p = 0``, ``c = 1`` elsewhere. Factors are the same
    for every number of threads and every SIMD level.

    Parameters
    ----------
    user_items : scipy.sparse.csr_matrix of shape (n_users, n_items)
        Observed pairs; values are not used.
    """

    def __init__(
        self,
        user_items: sp.csr_matrix,
        n_factors: int,
        *,
        alpha: float,
        reg: float,
        cg_steps: int = 3,
        rng: np.random.Generator,
        num_threads: int = 0,
    ) -> None:
        self.n_factors, self.alpha, self.reg = n_factors, alpha, reg
        self.cg_steps, self.num_threads = cg_steps, num_threads
        self._by_user, self._by_item = csr_parts(user_items), csr_parts(transposed(user_items))
        n_users, n_items = user_items.shape
        width = padded_factors(n_factors)
        self._users = np.zeros((n_users, width), dtype=np.float32)
        self._items = np.zeros((n_items, width), dtype=np.float32)
        start = rng.standard_normal((n_items, n_factors), dtype=np.float32)
        self._items[:, :n_factors] = start * np.float32(0.1 / np.sqrt(n_factors))

    def run(self, iterations: int, on_round: Callable[[int], None] | None = None) -> None:
        """Run some iterations (users, then items) and end with the users."""
        for iteration in range(iterations):
            self._half(self._users, self._items, self._by_user)
            self._half(self._items, self._users, self._by_item)
            if on_round is not None:
                on_round(iteration)
        self._half(self._users, self._items, self._by_user)

    def _half(
        self,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        rows: RowLists,
    ) -> None:
        step = RidgePass(
            entries=rows,
            with_gram=True,
            quad=self.alpha,
            lin=1.0 + self.alpha,
            reg=self.reg,
            steps=self.cg_steps,
            num_threads=self.num_threads,
        )
        ridge_pass(x, y, step)

    @property
    def user_factors(self) -> NDArray[np.float32]:
        """Float32 array of shape (n_users, n_factors)."""
        return np.ascontiguousarray(self._users[:, : self.n_factors])

    @property
    def item_factors(self) -> NDArray[np.float32]:
        """Float32 array of shape (n_items, n_factors)."""
        return np.ascontiguousarray(self._items[:, : self.n_factors])

    def top_items(self, seen: sp.csr_matrix, k: int) -> NDArray[np.int32]:
        """Top ``k`` items of every user outside ``seen``; see :func:`factor_topk`."""
        return factor_topk(self._users, self._items, seen, k, num_threads=self.num_threads)

    def top_items_of(
        self, users: NDArray[np.int64], seen: sp.csr_matrix, k: int
    ) -> NDArray[np.int32]:
        """Top ``k`` items of some users; ``seen`` has one row per entry of ``users``."""
        return factor_topk(self._users[users], self._items, seen, k, num_threads=self.num_threads)


def fold_in_factors(
    rows: sp.csr_matrix,
    other: NDArray[np.float32],
    *,
    alpha: float,
    reg: float,
    num_threads: int = 0,
) -> NDArray[np.float32]:
    """Factors of new rows with the other side fixed, float32 (n_rows, n_factors).

    The conjugate gradients run until they have as many steps as factors, so the result is the
    ridge solution up to rounding.
    """
    n_factors = other.shape[1]
    y = np.zeros((len(other), padded_factors(n_factors)), dtype=np.float32)
    y[:, :n_factors] = other
    x = np.zeros((rows.shape[0], y.shape[1]), dtype=np.float32)
    step = RidgePass(
        entries=csr_parts(rows),
        with_gram=True,
        quad=alpha,
        lin=1.0 + alpha,
        reg=reg,
        steps=min(n_factors, 50),
        num_threads=num_threads,
    )
    ridge_pass(x, y, step)
    return np.ascontiguousarray(x[:, :n_factors])


def factor_topk(
    users: NDArray[np.float32],
    items: NDArray[np.float32],
    seen: sp.csr_matrix,
    k: int,
    *,
    num_threads: int = 0,
) -> NDArray[np.int32]:
    """Top ``k`` unseen items by inner product, int32 (n_users, k), -1 where there are fewer.

    Factors are rounded to the finest integers whose inner products fit 32 bits (12 bits at 256
    dimensions), so scores are exact integers and the lists, ordered by (score, id), do not
    depend on threads or instruction sets. Each user has a scale of its own; items share one.
    """
    width = users.shape[1] + users.shape[1] % 2
    largest = min(int(np.sqrt((2**31 - 1) / width)), 32767)

    def quantise(values: NDArray[np.float32], peak: NDArray[np.float32]) -> NDArray[np.int16]:
        whole = np.zeros((len(values), width), dtype=np.int16)
        whole[:, : values.shape[1]] = np.rint(values * (largest / np.maximum(peak, 1e-30)))
        return whole

    return integer_topk(
        quantise(users, np.abs(users).max(axis=1, keepdims=True, initial=0)),
        quantise(items, np.abs(items).max(initial=0)),
        csr_parts(seen),
        k,
        num_threads=num_threads,
    )
