# SPDX-License-Identifier: Apache-2.0
"""List losses of a factorization machine's scores; codes of users, items and item features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from hashrec_fast.training.gnccp import value_and_gradients
from hashrec_fast.training.list_objective import ListObjective, weighted_rows


class FMObjective:
    """The objective of :class:`ListObjective` with items ``v_i + sum_j x_ij c_j``.

    Parameters
    ----------
    lists : ListObjective
    features : csr_matrix (n_items, n_features)
    rate : float
        Step length of the linear weights.
    """

    def __init__(
        self, lists: ListObjective, features: sp.csr_matrix, rate: float, device: torch.device
    ) -> None:
        self.lists, self._features, self._rate = lists, features, rate
        self._product = SparseRows(features, device)
        n_items, n_features = features.shape
        self.weights = [torch.zeros(n, device=device) for n in (n_items, n_features)]
        self._squares = [torch.zeros_like(weight) for weight in self.weights]

    def __call__(self, user: Tensor, item: Tensor, feature: Tensor) -> Tensor:
        """Sum of the loss at the present linear weights."""
        return self._value(user, item, feature, *self.weights)

    def _value(
        self, user: Tensor, item: Tensor, feature: Tensor, own: Tensor, linear: Tensor
    ) -> Tensor:
        bias = own + self._product(linear[:, None])[:, 0]
        return self.lists(user, self.vectors(item, feature), bias)

    def vectors(self, item: Tensor, feature: Tensor) -> Tensor:
        """Item vectors ``v_i + sum_j x_ij c_j``, (n_items, n_bits)."""
        return item + self._product(feature)

    def bias(self) -> Tensor:
        """Linear part of every item's score, (n_items,)."""
        with torch.no_grad():
            return self.weights[0] + self._product(self.weights[1][:, None])[:, 0]

    def update(self, points: Sequence[Tensor]) -> None:
        """Take a scaled gradient step of the linear weights, in units of the code length."""
        if self._rate == 0:
            return
        _, gradients = value_and_gradients(self._value, [*points, *self.weights], [3, 4])
        scale = self._rate * points[0].shape[1]
        for weight, squares, gradient in zip(self.weights, self._squares, gradients, strict=True):
            squares.add_(gradient**2)
            weight.sub_(scale * gradient / (squares.sqrt() + 1e-12))


class SparseRows:
    """Product with a fixed CSR matrix; forward and backward sum in one order each."""

    def __init__(self, matrix: sp.csr_matrix, device: torch.device) -> None:
        self.forward = _tensors(matrix, device)
        self.backward = _tensors(sp.csr_matrix(matrix.T), device)

    def __call__(self, rows: Tensor) -> Tensor:
        """Product ``matrix @ rows``."""
        product: Tensor = _Product.apply(rows, self)  # type: ignore[no-untyped-call]
        return product


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, matrix: SparseRows) -> Tensor:
        ctx.matrix = matrix
        indices, starts, weights = matrix.forward
        return weighted_rows(rows, indices, starts, weights.to(rows.dtype))

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        indices, starts, weights = ctx.matrix.backward
        slope = upstream[0].contiguous()
        return weighted_rows(slope, indices, starts, weights.to(slope.dtype)), None


def _tensors(matrix: sp.csr_matrix, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    indices = torch.from_numpy(matrix.indices.astype(np.int64)).to(device)
    starts = torch.from_numpy(matrix.indptr.astype(np.int64)).to(device)
    return indices, starts, torch.from_numpy(matrix.data.astype(np.float32)).to(device)


def frequent(features: tuple[sp.csr_matrix, ...], n_items: int, limit: int) -> NDArray[np.int64]:
    """Columns of the views side by side that are not zero most often, ascending."""
    table = sp.hstack(features, format="csc") if features else sp.csc_matrix((n_items, 0))
    counts = np.diff(table.indptr)
    best = np.argsort(-counts, kind="stable")[: max(0, limit)]
    return np.sort(best[counts[best] > 0]).astype(np.int64)


def unit_table(
    features: tuple[sp.csr_matrix, ...], columns: NDArray[np.int64], n_items: int
) -> sp.csr_matrix:
    """The chosen columns, every row divided by its absolute sum."""
    table = sp.hstack(features, format="csc") if features else sp.csc_matrix((n_items, 0))
    chosen = sp.csr_matrix(table[:, columns])
    sums = np.asarray(abs(chosen).sum(axis=1)).ravel()
    return sp.csr_matrix(sp.diags(1.0 / np.where(sums > 0, sums, 1.0)) @ chosen)
