# SPDX-License-Identifier: Apache-2.0
"""A loss over ragged lists of user-item pairs, and its gradient by sparse products.

The chain rule is cut at the scores: autograd sees one padded bucket of scores at a time, and the
gradient of the matrices is ``G V`` and ``G' U`` with the sparse matrix ``G`` of the scores'
gradients. Memory is that of the pairs, not pairs times bits, and every output row is summed by
one thread in one order, so that results do not depend on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import embedding_bag

from hashrec_fast.data.padding import buckets
from hashrec_fast.data.sampling import SampledLists
from hashrec_fast.losses.base import Loss
from hashrec_fast.solvers.data_terms.targets import RatingScale


@dataclass(frozen=True, eq=False)
class TorchBucket:
    """One padded rectangle: user, items, place among all pairs, what the loss wants, mask."""

    lists: Tensor
    users: Tensor
    items: Tensor
    entries: Tensor
    relevance: Tensor
    mask: Tensor


class ListObjective:
    """Sum of a loss over lists as a function of user rows, item rows and item biases.

    Parameters
    ----------
    lists : SampledLists
    loss : Loss with a ``value``
    shape : (n_users, n_items)
    device : torch.device
    dtype : torch.dtype
    scale : RatingScale or None
        Of the ratings; ``None`` takes their range in the lists.
    """

    def __init__(
        self,
        lists: SampledLists,
        loss: Loss,
        shape: tuple[int, int],
        *,
        device: torch.device | None = None,
        dtype: torch.dtype = torch.float32,
        scale: RatingScale | None = None,
    ) -> None:
        self.loss, self.shape, self.lists = loss, shape, lists
        self.n_lists, self.n_entries = len(lists.owners), len(lists.items)
        device = device or torch.device("cpu")
        users = np.repeat(lists.owners, np.diff(lists.indptr))
        relevance = relevance_of(lists, loss.relevance, scale)

        def tensor(array: NDArray[Any], kind: torch.dtype = torch.int64) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(array)).to(device=device, dtype=kind)

        self.users, self.items = tensor(users), tensor(lists.items)
        self._user_starts = tensor(np.searchsorted(users, np.arange(shape[0] + 1)))
        by_item = np.argsort(lists.items, kind="stable")
        self._by_item = tensor(by_item)
        self._users_by_item = tensor(users[by_item])
        starts = np.searchsorted(lists.items[by_item], np.arange(shape[1] + 1))
        self._item_starts = tensor(starts)
        self.buckets = [
            TorchBucket(
                tensor(bucket.lists),
                tensor(lists.owners[bucket.lists]),
                tensor(lists.items[bucket.entries]),
                tensor(bucket.entries),
                tensor(relevance[bucket.entries], dtype),
                tensor(bucket.mask, torch.bool),
            )
            for bucket in buckets(lists.indptr)
        ]

    def __call__(self, user: Tensor, item: Tensor, bias: Tensor | None = None) -> Tensor:
        """Sum of the loss; scores are ``(user . item + bias) / n_bits``."""
        if bias is None:
            bias = item.new_zeros(len(item))
        value: Tensor = _ListLoss.apply(user, item, bias, self)  # type: ignore[no-untyped-call]
        return value

    def per_list(self, scores: Tensor) -> Tensor:
        """Loss of each list from all scores (n_entries,), float64 (n_lists,)."""
        result = torch.zeros(self.n_lists, dtype=torch.float64, device=scores.device)
        for bucket in self.buckets:
            value = self.loss.value(scores[bucket.entries], bucket.relevance, bucket.mask)
            rows = value if value.ndim == 1 else value.sum(1)
            result[bucket.lists] = rows.to(torch.float64)
        return result

    def per_user(self, scores: Tensor) -> NDArray[np.float64]:
        """Loss of each user from all scores, summed over the user's lists in their order."""
        values = self.per_list(scores).cpu().numpy()
        sums = np.bincount(self.lists.owners, weights=values, minlength=self.shape[0])
        return np.asarray(sums, dtype=np.float64)

    def scores(self, user: Tensor, item: Tensor) -> Tensor:
        """Inner products of all pairs (n_entries,), not divided by the number of bits."""
        result = user.new_empty(self.n_entries)
        for bucket in self.buckets:
            products = item[bucket.items] * user[bucket.users][:, None]
            result[bucket.entries[bucket.mask]] = products.sum(2)[bucket.mask]
        return result


def relevance_of(
    lists: SampledLists, wanted: str, scale: RatingScale | None = None
) -> NDArray[np.float64]:
    """Relevance as a loss wants it: "labels" in [0, 1], "targets" in [-1, 1] or "grades"."""
    known = lists.values[lists.observed]
    low, high = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
    if scale is not None:
        low, high = scale.low, scale.high
    labels = (lists.values - low) / (high - low) if high > low else np.ones(len(lists.values))
    if wanted == "labels":
        return np.where(lists.observed, labels, 0.0)
    if wanted == "targets":
        return np.where(lists.observed, 2 * labels - 1, -1.0)
    if wanted == "grades":
        return np.where(lists.observed, lists.values - low + 1 if high > low else 1.0, 0.0)
    raise ValueError(f"relevance must be 'labels', 'targets' or 'grades', got {wanted!r}")


class _ListLoss(torch.autograd.Function):
    """The sum of a list loss; its gradient is made together with the value."""

    @staticmethod
    def forward(ctx: Any, user: Tensor, item: Tensor, bias: Tensor, objective: Any) -> Tensor:
        needed = any(ctx.needs_input_grad)
        n_bits = user.shape[1]
        slopes = user.new_zeros(objective.n_entries)
        total = 0.0
        for bucket in objective.buckets:
            products = (item[bucket.items] * user[bucket.users][:, None]).sum(2)
            scores = (products + bias[bucket.items]) / n_bits
            with torch.set_grad_enabled(needed):
                scores.requires_grad_(needed)
                values = objective.loss.value(scores, bucket.relevance, bucket.mask)
                if needed:
                    ones = torch.ones_like(values)
                    (slope,) = torch.autograd.grad(values, scores, ones)
                    slopes[bucket.entries[bucket.mask]] = slope[bucket.mask] / n_bits
            total += float(values.detach().cpu().numpy().sum(dtype=np.float64))
        ctx.save_for_backward(user, item, slopes)
        ctx.objective = objective
        return torch.tensor(total, dtype=torch.float64, device=user.device)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        user, item, slopes = ctx.saved_tensors
        o = ctx.objective
        slopes = slopes * upstream[0].to(slopes.dtype)
        by_item = slopes[o._by_item]
        grad_user = weighted_rows(item, o.items, o._user_starts, slopes)
        grad_item = weighted_rows(user, o._users_by_item, o._item_starts, by_item)
        grad_bias = None
        if ctx.needs_input_grad[2]:
            ones = by_item.new_ones((len(user), 1))
            grad_bias = weighted_rows(ones, o._users_by_item, o._item_starts, by_item)[:, 0]
        return grad_user, grad_item, grad_bias, None


def weighted_rows(rows: Tensor, indices: Tensor, starts: Tensor, weights: Tensor) -> Tensor:
    """Product of a CSR matrix and a dense one, each output row summed in order of its entries."""
    return embedding_bag(
        indices, rows, starts, mode="sum", per_sample_weights=weights, include_last_offset=True
    )
