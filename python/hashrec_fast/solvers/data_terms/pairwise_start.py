# SPDX-License-Identifier: Apache-2.0
"""Real-valued start of pairwise least squares: alternating ridge regressions over all pairs.

Row systems are those of the codes' passes with a margin of one. Their cross terms
``-d+ d-' - d- d+'`` are applied to the last solution instead of being solved for; since the
objective with ``d_i + d_j`` in place of ``d_i - d_j`` is a sum of squares too, this splitting
lowers the objective in every step.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.factors import RidgePass, ridge_pass
from hashrec_fast.solvers.data_terms.start import real_delegate
from hashrec_fast.solvers.factors import csr_parts, padded_factors
from hashrec_fast.solvers.state import SignState

Reals = NDArray[np.float32]
LEAST_RIDGE = 1e-3


class RelaxedPairs:
    """Real user and item vectors of one training matrix.

    Parameters
    ----------
    user_items : csr_matrix (n_users, n_items)
    weights : (float, float)
        Weights of the sides' delegates, also of the ridge as in the authors' code.
    n_bits : int
    rng : numpy.random.Generator
    threads : int
    """

    def __init__(
        self,
        user_items: sp.csr_matrix,
        weights: tuple[float, float],
        n_bits: int,
        rng: np.random.Generator,
        threads: int,
    ) -> None:
        self._n_bits, self._threads = n_bits, threads
        n_users, n_items = user_items.shape
        self._likes = user_items.astype(np.float32)
        self._likes.data[:] = 1
        self._by_item = self._likes.T.tocsr()
        self._by_item.sort_indices()
        self._ridge = weights
        self.users, self.items = (_random_reals(n, n_bits, rng) for n in (n_users, n_items))
        own = np.diff(user_items.indptr).astype(np.float32)
        rest = n_items - own
        self._active = (own > 0) & (rest > 0)
        self._own, self._rest = np.maximum(own, 1), np.maximum(rest, 1)
        # a positive weighs n-/n+ where another item weighs one; less the one that all items have
        self._extra = np.where(self._active, self._rest / self._own - 1, 0).astype(np.float32)

    def user_step(self) -> None:
        """One ridge step of all users, their equations multiplied by n-."""
        p, (up, down) = self.users, self._means()
        ridge = max(self._ridge[0], LEAST_RIDGE)
        right = up - down + _scaled(up, _dot(down, p)) + _scaled(down, _dot(up, p))
        pull = real_delegate(p, self._n_bits, self._ridge[0])
        if pull is not None:
            right = right + pull
        kept = p[~self._active].copy()
        step = RidgePass(
            entries=csr_parts(self._likes),
            with_gram=True,
            quad=np.repeat(self._extra, np.diff(self._likes.indptr)),
            lin=0.0,
            row_reg=self._rest * np.float32(ridge),
            row_linear=_scaled(right, self._rest),
            steps=min(self._n_bits, 10),
            num_threads=self._threads,
        )
        ridge_pass(p, self.items, step)
        p[~self._active] = kept

    def item_step(self) -> None:
        """One ridge step of all items; user vectors are scaled so that all pairs weigh alike."""
        p, q, n_items = self.users, self.items, len(self.items)
        likes = self._likes @ q
        own, whole = _dot(p, likes), p @ q.sum(axis=0)
        weight = np.where(self._active, 1 / (self._own * self._rest), 0).astype(np.float32)
        scale = np.where(self._active, 1 / np.sqrt(self._rest), 0).astype(np.float32)
        right = np.tile((weight * (own - self._own)) @ p, (n_items, 1))
        pull = real_delegate(q, self._n_bits, self._ridge[1])
        if pull is not None:
            right += pull
        lin = np.sqrt(self._rest) * weight * (whole - 2 * own + n_items)
        users_of = self._by_item.indices
        step = RidgePass(
            entries=csr_parts(self._by_item),
            with_gram=True,
            quad=self._extra[users_of],
            lin=lin.astype(np.float32)[users_of],
            reg=max(self._ridge[1], LEAST_RIDGE),
            row_linear=np.ascontiguousarray(right, dtype=np.float32),
            steps=min(self._n_bits, 10),
            num_threads=self._threads,
        )
        ridge_pass(q, _scaled(p, scale), step)

    def _means(self) -> tuple[Reals, Reals]:
        """Mean vectors of each user's positives and of the other items; zero without pairs."""
        likes, active = self._likes @ self.items, self._active.astype(np.float32)
        up = _scaled(likes, active / self._own)
        down = _scaled(self.items.sum(axis=0) - likes, active / self._rest)
        return up, down


def relaxed_pairwise_states(
    user_items: sp.csr_matrix,
    weights: tuple[float, float],
    n_bits: int,
    rng: np.random.Generator,
    *,
    rounds: int,
    threads: int,
) -> States:
    """Signs of the real-valued solution after ``rounds`` steps of either side."""
    relaxed = RelaxedPairs(user_items, weights, n_bits, rng, threads)
    for _ in range(rounds):
        relaxed.user_step()
        relaxed.item_step()
    return {
        "user": SignState.from_signs(relaxed.users[:, :n_bits]),
        "item": SignState.from_signs(relaxed.items[:, :n_bits]),
    }


def _random_reals(n: int, n_bits: int, rng: np.random.Generator) -> Reals:
    x = np.zeros((n, padded_factors(n_bits)), dtype=np.float32)
    x[:, :n_bits] = rng.standard_normal((n, n_bits), dtype=np.float32) / np.sqrt(n_bits)
    return x


def _dot(a: Reals, b: Reals) -> Reals:
    """Inner products of equal rows."""
    return np.asarray((a * b).sum(axis=1, dtype=np.float32))


def _scaled(rows: Reals, factors: Reals) -> Reals:
    return np.ascontiguousarray(rows * factors[:, None], dtype=np.float32)
