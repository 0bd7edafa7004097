# SPDX-License-Identifier: Apache-2.0
"""Compositional codes: a score is a weighted sum of the scores of short codes (CCCF).

Objective: ``sum_O (t - sum_g w_uig b_ug'd_ig)^2`` with ``w_uig = eta_ug xi_ig`` fixed. Weights are
scaled so that equal ones are all 1; then the sum over the components is the plain score of the
joined codes, and ``t`` lies in [-n_bits, n_bits]. Only the residual per observed pair is kept.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import EntryLists, RowLinear
from hashrec_fast.kernels.rows import RowPass
from hashrec_fast.solvers.entries import dyadic_bits, round_dyadic
from hashrec_fast.solvers.row_forms import rows_pass
from hashrec_fast.solvers.state import SignState, pair_scores

Floats = NDArray[np.float64]


def component_sizes(n_bits: int, n_components: int) -> list[int]:
    """Bits per component: as even as can be, empty components dropped."""
    small, larger = divmod(n_bits, n_components)
    sizes = [small + 1] * larger + [small] * (n_components - larger)
    return [size for size in sizes if size > 0]


def join(states: States, side: str, n_components: int) -> SignState:
    """The components of one side side by side."""
    parts = [states[f"{side}{g}"] for g in range(n_components)]
    return SignState.from_signs(np.hstack([part.values[:, : part.n_bits] for part in parts]))


class ComponentDataTerm:
    """Data term: squared error of the observed pairs under fixed component weights.

    Sides are ``user0, item0, user1, ...``. Where a weight is zero the pair says nothing about the
    component and is skipped.

    Parameters
    ----------
    user_items : csr_matrix (n_users, n_items)
        The pattern.
    targets : float64 (nnz,) in [-n_bits, n_bits]
    sizes : list of int
        Bits of every component.
    user_weights, item_weights : float64 (n_users, G), (n_items, G)
        Rows that sum to one.
    """

    def __init__(
        self,
        user_items: sp.csr_matrix,
        targets: Floats,
        sizes: list[int],
        user_weights: Floats,
        item_weights: Floats,
    ) -> None:
        self.n_bits, self.size, self._sizes = sum(sizes), user_items.nnz, sizes
        self.sides = tuple(f"{side}{g}" for g in range(len(sizes)) for side in ("user", "item"))
        self._weights = {"user": user_weights * len(sizes), "item": item_weights * len(sizes)}
        self._rows = np.repeat(np.arange(user_items.shape[0]), np.diff(user_items.indptr))
        self._columns = user_items.indices
        self._order = np.argsort(self._columns, kind="stable")
        self._n = {"user": user_items.shape[0], "item": user_items.shape[1]}
        self._targets, self._residual = targets, targets

    def _pair_weights(self, g: int) -> Floats:
        user, item = self._weights["user"][:, g], self._weights["item"][:, g]
        return np.asarray(user[self._rows] * item[self._columns])

    def _part(self, g: int, states: States, weights: Floats) -> Floats:
        """Share of component ``g`` in the scores of the pairs."""
        users, items = states[f"user{g}"].codes(), states[f"item{g}"].codes()
        scores = pair_scores(users, items, self._rows, self._columns, self._sizes[g])
        return weights * scores

    def refresh(self, side: str, states: States) -> None:
        """Prepare nothing: the sum is quadratic."""

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over the rows of one component of one side."""
        g = int(side[4:])
        weights = self._pair_weights(g)
        wanted = self._residual + self._part(g, states, weights)
        step = RowPass(
            entries=self._entries(side, weights, wanted),
            linear=linear,
            sweeps=sweeps,
            num_threads=num_threads,
        )
        changed = rows_pass(states[side], self._other(side, states), step)
        self._residual = wanted - self._part(g, states, weights)
        return changed

    def _other(self, side: str, states: States) -> SignState:
        return states[f"{'item' if side[:4] == 'user' else 'user'}{side[4:]}"]

    def _entries(self, side: str, weights: Floats, wanted: Floats) -> EntryLists:
        """The pairs with a weight, as lists of the rows of ``side``."""
        own = side[:4]
        indices, rows = self._columns, self._rows
        if own == "item":
            indices, rows = self._rows[self._order], self._columns[self._order]
            weights, wanted = weights[self._order], wanted[self._order]
        used = weights > 0
        rows, weights = rows[used], weights[used]
        counts = np.bincount(rows, minlength=self._n[own])
        quad, lin = weights**2, weights * wanted[used]
        longest = int(counts.max(initial=0))
        largest = (float(np.abs(value).max(initial=0)) for value in (quad, lin))
        quad_bits, lin_bits = (dyadic_bits(longest, value) for value in largest)
        return EntryLists(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.ascontiguousarray(indices[used], dtype=np.int32),
            round_dyadic(quad, quad_bits),
            round_dyadic(lin, lin_bits),
        )

    def loss(self, states: States) -> float:
        """Sum of squared errors, summed afresh."""
        residual = self._targets
        for g in range(len(self._sizes)):
            residual = residual - self._part(g, states, self._pair_weights(g))
        self._residual = residual
        return float((residual**2).sum())

    def fill_free(self, states: States, *, sweeps: int, num_threads: int) -> None:
        """Set codes of components that a row weighs by zero, which the objective leaves free.

        They take the values that fit the targets best with all weights one, as the plain Hamming
        search will weigh them.
        """
        ones = np.ones(self.size)
        for side in self.sides:
            own, g = side[:4], int(side[4:])
            free = np.flatnonzero(self._weights[own][:, g] == 0).astype(np.int32)
            if len(free):
                others = [self._part(h, states, ones) for h in range(len(self._sizes)) if h != g]
                step = RowPass(
                    entries=self._entries(side, ones, self._targets - sum(others)),
                    rows=free,
                    sweeps=sweeps,
                    num_threads=num_threads,
                )
                rows_pass(states[side], self._other(side, states), step)
