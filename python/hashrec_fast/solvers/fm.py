# SPDX-License-Identifier: Apache-2.0
"""A factorization machine over users, items and item features whose factors are codes."""

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


def unit_features(features: sp.csr_matrix, columns: NDArray[np.int64]) -> sp.csr_matrix:
    """The chosen columns, every row divided by its absolute sum."""
    chosen = sp.csr_matrix(features[:, columns], dtype=np.float64)
    sums = np.asarray(abs(chosen).sum(axis=1)).ravel()
    return sp.csr_matrix(sp.diags(1.0 / np.where(sums > 0, sums, 1.0)) @ chosen)


def frequent_columns(features: sp.csr_matrix, most: int) -> NDArray[np.int64]:
    """The columns with most entries, ascending; equally frequent ones by number."""
    counts = features.getnnz(axis=0)
    order = np.argsort(-counts, kind="stable")[:most]
    return np.sort(order[counts[order] > 0]).astype(np.int64)


class FMDataTerm:
    """Data term ``sum_O (t - w_0 - w'x - u'(v_i + sum_j F_ij c_j))^2 + reg ||w||^2``.

    Parameters
    ----------
    user_items : csr_matrix (n_users, n_items)
    targets : float64 (nnz,)
    features : csr_matrix (n_items, n_features), possibly without columns
    n_bits : int
    reg : float
    """

    def __init__(
        self,
        user_items: sp.csr_matrix,
        targets: Floats,
        features: sp.csr_matrix,
        n_bits: int,
        reg: float,
    ) -> None:
        self.n_bits, self.size, self._reg, self.features = n_bits, user_items.nnz, reg, features
        self.sides: tuple[str, ...] = ("user", "item", "feature", "weight")
        if features.shape[1] == 0:
            self.sides = ("user", "item", "weight")
        n_users, n_items = user_items.shape
        self._indptr = user_items.indptr.astype(np.int64)
        self._rows = np.repeat(np.arange(n_users, dtype=np.int32), np.diff(self._indptr))
        self._columns = user_items.indices.astype(np.int32)
        self._by_item = np.argsort(self._columns, kind="stable")
        counts = np.bincount(self._columns, minlength=n_items)
        self._item_indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._raters = self._rows[self._by_item]
        self._targets = targets
        ones = np.ones(self.size)
        pairs = np.arange(self.size)
        users = sp.csr_matrix((ones, (pairs, self._rows)), shape=(self.size, n_users))
        items = sp.csr_matrix((ones, (pairs, self._columns)), shape=(self.size, n_items))
        constant = sp.csr_matrix(ones[:, None])
        parts = [constant, users, items, features[self._columns]]
        self._x = sp.hstack(parts, format="csr")
        self.weights: Floats = np.zeros(self._x.shape[1])

    def refresh(self, side: str, states: States) -> None:
        """Prepare nothing: the sum is quadratic."""

    def half(
        self, side: str, states: States, linear: RowLinear, *, sweeps: int, num_threads: int
    ) -> int:
        """One pass over users, items, features or the linear weights (which have no bits)."""
        if side == "weight":
            self._solve_weights(states)
            return 0
        if side == "feature":
            return self._feature_pass(states, linear, sweeps, num_threads)
        left = self._targets - self.linear_part()
        users, items = states["user"], states["item"]
        if side == "user":
            design = (items.real() + self.feature_part(states)).astype(np.float32)
            entries = EntryLists(self._indptr, self._columns, None, left)
            step = RowPass(entries=entries, linear=linear, sweeps=sweeps, num_threads=num_threads)
            return rows_pass(users, design, step)
        left = (left - self._feature_scores(states))[self._by_item]
        longest = int(np.diff(self._item_indptr).max(initial=0))
        left = round_dyadic(left, dyadic_bits(longest, float(np.abs(left).max(initial=0))))
        entries = EntryLists(self._item_indptr, self._raters, None, left)
        step = RowPass(entries=entries, linear=linear, sweeps=sweeps, num_threads=num_threads)
        return rows_pass(items, users, step)

    def loss(self, states: States) -> float:
        """Squared errors and the ridge of the weights."""
        error = self._targets - self.linear_part() - self._code_scores(states)
        return float((error**2).sum() + self._reg * (self.weights**2).sum())

    def feature_part(self, states: States) -> Floats:
        """Feature part ``sum_j F_ij c_j`` of every item, (n_items, width)."""
        if "feature" not in states:
            return np.zeros(states["item"].values.shape)
        return np.asarray(self.features @ states["feature"].real())

    def linear_part(self) -> Floats:
        """Linear part ``w_0 + w'x`` of every observed pair."""
        return np.asarray(self._x @ self.weights)

    def _feature_scores(self, states: States) -> Floats:
        """``u' sum_j F_ij c_j`` of every observed pair."""
        scores = np.zeros(self.size)
        if "feature" in states:
            part, signs = self.feature_part(states), states["user"].real()
            for start in range(0, self.size, 1 << 17):
                pairs = slice(start, start + (1 << 17))
                scores[pairs] = np.einsum(
                    "ek,ek->e", signs[self._rows[pairs]], part[self._columns[pairs]]
                )
        return scores

    def _code_scores(self, states: States) -> Floats:
        users, items = states["user"].codes(), states["item"].codes()
        scores = pair_scores(users, items, self._rows, self._columns, self.n_bits)
        return scores + self._feature_scores(states)

    def _feature_pass(
        self, states: States, linear: RowLinear, sweeps: int, num_threads: int
    ) -> int:
        """Features in turn: each sees what all others leave over of its items' ratings."""
        users, codes = states["user"], states["feature"]
        user_codes = users.codes()
        error = self._targets - self.linear_part() - self._code_scores(states)
        error = error[self._by_item]
        by_feature = self.features.tocsc()
        changed = 0
        for j in range(codes.values.shape[0]):
            part = slice(by_feature.indptr[j], by_feature.indptr[j + 1])
            items = by_feature.indices[part]
            places = _ranges(self._item_indptr[items], self._item_indptr[items + 1])
            share = np.repeat(by_feature.data[part], np.diff(self._item_indptr)[items])
            raters = self._raters[places]
            one = SignState(codes.values[j : j + 1], self.n_bits)  # a view: updated in place
            before = _scores_with(one, user_codes, raters)
            step = RowPass(
                entries=_one_row(raters, share * share, share * (error[places] + share * before)),
                linear=linear.of_rows(slice(j, j + 1)),
                sweeps=sweeps,
                num_threads=num_threads,
            )
            changed += rows_pass(one, users, step, form="residual")
            error[places] -= share * (_scores_with(one, user_codes, raters) - before)
        return changed

    def _solve_weights(self, states: States) -> None:
        """Ridge regression of what the codes leave over, by preconditioned conjugate gradients."""
        from scipy.sparse.linalg import LinearOperator, cg  # noqa: PLC0415 - late: slow to import

        n = len(self.weights)
        diagonal = np.asarray(self._x.multiply(self._x).sum(axis=0)).ravel() + self._reg
        inverse = 1.0 / np.where(diagonal > 0, diagonal, 1.0)
        normal = LinearOperator((n, n), lambda w: self._x.T @ (self._x @ w) + self._reg * w)
        right = self._x.T @ (self._targets - self._code_scores(states))
        self.weights, _ = cg(
            normal,
            right,
            x0=self.weights,
            rtol=1e-6,
            maxiter=50,
            M=LinearOperator((n, n), lambda r: inverse * r),
        )


def _ranges(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers of the ranges, one range after the other."""
    lengths = end - begin
    offsets = np.repeat(begin - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.asarray(np.arange(int(lengths.sum())) + offsets)


def _scores_with(one: SignState, codes: NDArray[np.uint64], rows: NDArray[np.int32]) -> Floats:
    """Scores of one code with some rows of ``codes``."""
    return pair_scores(codes, one.codes(), rows, np.zeros(len(rows), np.int64), one.n_bits)


def _one_row(indices: NDArray[np.int32], quad: Floats, lin: Floats) -> EntryLists:
    n = len(indices)
    quad = round_dyadic(quad, dyadic_bits(n, float(np.abs(quad).max(initial=0))))
    lin = round_dyadic(lin, dyadic_bits(n, float(np.abs(lin).max(initial=0))))
    return EntryLists(np.array([0, n], dtype=np.int64), indices, quad, lin)
