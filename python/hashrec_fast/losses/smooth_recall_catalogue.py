# SPDX-License-Identifier: Apache-2.0
"""Smooth recall against the whole catalogue, in memory of tiles and pairs; needs torch.

For users u with positives i, both autograd functions below compute the mean over pairs (u, i) of
``M((R_ui - n) / t')`` with ``R_ui = 1 + sum over all j != i of K((s_uj - s_ui) / t)``, and its
gradient. Scores are made one tile of items at a time and made again for the gradient.

* Codes in {-1, +1} have f + 1 different scores. A histogram of each user's scores is all that the
  ranks need, and what an item receives depends on its bin only:
  O(n_users n_items + n_users f^2), whatever the number of pairs. The gradient is a sum of dyadic
  numbers that fit a double, so it is the same in every order and for any number of threads.
* Real rows need O(n_pairs n_items) evaluations of K, and round as the matrix products do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hashrec_fast.losses.step_functions import smooth_step, smooth_step_slope

TILE_ENTRIES = 1 << 20  # entries of a tile of scores: 4 MB, about what a cache holds
_EXACT_FLOAT32 = 1 << 24


@dataclass(frozen=True)
class RankSteps:
    """Numbers and functions of the formula above.

    Attributes
    ----------
    n : float
        Places looked at.
    inner, outer : str
        K and M, names of smooth steps.
    inner_temperature, outer_temperature : float
        t and t'.
    """

    n: float
    inner: str
    inner_temperature: float
    outer: str
    outer_temperature: float


def catalogue_loss(
    user: Tensor,
    item: Tensor,
    indptr: Tensor,
    indices: Tensor,
    *,
    steps: RankSteps,
    path: str = "auto",
    tile: int | None = None,
) -> Tensor:
    """Mean over all pairs of the smooth miss of a positive among all items.

    Parameters
    ----------
    user : float tensor of shape (b, f)
        Rows of the batch's users. Scores are ``user . item / f``.
    item : float tensor of shape (n_items, f)
    indptr, indices : int64 tensors of shape (b + 1,) and (n_pairs,)
        The positives that count, by user as in a CSR matrix. Items may repeat.
    steps : RankSteps
    path : {"auto", "codes", "real"}
        "codes" demands entries of -1 and +1; "auto" looks whether they are.
    tile : int or None
        Items at a time.

    Returns
    -------
    tensor of shape (), differentiable once with respect to ``user`` and ``item``

    Raises
    ------
    ValueError
        For shapes that do not fit, items out of range, an unknown path.

    Examples
    --------
    >>> user, item = torch.ones((1, 4)), torch.tensor([[1.0, 1, 1, 1], [-1, -1, 1, 1]])
    >>> steps = RankSteps(1, "sigmoid", 1 / 64, "sigmoid", 1.0)
    >>> catalogue_loss(user, item, torch.tensor([0, 1]), torch.tensor([0]), steps=steps)
    tensor(0.5000)
    """
    pairs = _checked(user, item, indptr, indices)
    if path not in {"auto", "codes", "real"}:
        raise ValueError(f"path must be 'auto', 'codes' or 'real', got {path!r}")
    hard = path != "real" and _are_codes(user) and _are_codes(item)
    if path == "codes" and not hard:
        raise ValueError("path='codes' wants entries of -1 and +1 only")
    if not len(pairs.items):
        return (user.sum() + item.sum()) * 0
    width = tile or max(256, TILE_ENTRIES // max(len(user), 1))
    function = CodesRecall if hard else RealRecall
    value: Tensor = function.apply(user, item, pairs, steps, width)  # type: ignore[no-untyped-call]
    return value


def _checked(user: Tensor, item: Tensor, indptr: Tensor, indices: Tensor) -> Pairs:
    if user.ndim != 2 or item.ndim != 2 or user.shape[1] != item.shape[1]:
        raise ValueError(
            "user and item must be matrices of the same width, got "
            f"{tuple(user.shape)} and {tuple(item.shape)}"
        )
    counts = indptr.diff()
    fits = indptr.shape == (len(user) + 1,) and int(indptr[0]) == 0 and bool((counts >= 0).all())
    if not fits or int(indptr[-1]) != len(indices):
        raise ValueError(
            f"indptr must rise from 0 to {len(indices)} in {len(user) + 1} entries, "
            f"got shape {tuple(indptr.shape)}"
        )
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < len(item):
        raise ValueError(f"indices must be in [0, {len(item)})")
    owners = torch.arange(len(user), device=user.device).repeat_interleave(counts)
    return Pairs(owners, indices)


def _are_codes(rows: Tensor) -> bool:
    return bool((rows.detach().abs() == 1).all())


@dataclass(frozen=True, eq=False)
class Pairs:
    """Positives sorted by user, and their order by item."""

    owners: Tensor
    items: Tensor

    def in_tiles(self, n_items: int, width: int) -> Iterator[tuple[int, int, Tensor]]:
        """First and last item of each tile and the pairs whose item it holds."""
        ordered, order = self.items.sort(stable=True)
        edges = torch.arange(0, n_items + width, width, device=ordered.device)
        starts = torch.searchsorted(ordered, edges).tolist()
        for k, first in enumerate(range(0, n_items, width)):
            yield first, min(first + width, n_items), order[starts[k] : starts[k + 1]]


def _own_scores(user: Tensor, item: Tensor, pairs: Pairs) -> Tensor:
    own = user.new_empty(len(pairs.items))
    chunk = 1 << 16
    for first in range(0, len(own), chunk):
        part = slice(first, first + chunk)
        own[part] = (user[pairs.owners[part]] * item[pairs.items[part]]).sum(1)
    return own


def _product(left: Tensor, right: Tensor) -> Tensor:
    """``left @ right`` with a few rows on the right, summed in one order everywhere."""
    total = torch.zeros((len(left), right.shape[1]), dtype=left.dtype, device=left.device)
    for k in range(len(right)):
        total += left[:, k, None] * right[k]
    return total


def _dyadic(values: Tensor, bound: float) -> Tensor:
    """Doubles rounded so that sums of absolute values up to ``bound`` have no rounding."""
    unit = 2.0 ** (max(math.frexp(bound)[1], -900) - 52)
    return (values / unit).round() * unit


class CodesRecall(torch.autograd.Function):
    """Ranks from histograms of the scores of codes."""

    @staticmethod
    def forward(
        ctx: Any, user: Tensor, item: Tensor, pairs: Pairs, steps: RankSteps, width: int
    ) -> Any:
        """Histograms of scores, ranks of bins, and what each bin will pass back."""
        b, f = user.shape
        bins = f + 1
        counts = torch.zeros(b * bins, dtype=torch.int64, device=user.device)
        for first in range(0, len(item), width):
            entries = _bins(user, item[first : first + width])
            counts += torch.bincount(entries.view(-1), minlength=b * bins)
        places = pairs.owners * bins + ((_own_scores(user, item, pairs) + f) / 2).long()
        positives = torch.bincount(places, minlength=b * bins).double().view(b, bins)
        # Small matrices from here on: users by bins and bins by bins.
        scale = 1 / (f * steps.inner_temperature)
        grid = 2 * torch.arange(bins, dtype=torch.float64, device=user.device)
        differences = (grid[None, :] - grid[:, None]) * scale
        seen = counts.double().view(b, bins)
        itself = smooth_step(differences[0, 0], steps.inner)
        ranks = 1 - itself + _product(seen, smooth_step(differences, steps.inner).T)
        excess = (ranks - steps.n) / steps.outer_temperature
        slopes = smooth_step_slope(differences, steps.inner) * scale
        pull = smooth_step_slope(excess, steps.outer) / (steps.outer_temperature * len(places))
        rivals = _product(positives * pull, slopes)
        own = (pull * _product(seen, slopes.T)).view(-1)[places]
        bound = max(b, len(item)) * float(rivals.max()) + len(own) * float(own.max())
        ctx.save_for_backward(user, item, _dyadic(rivals, bound), _dyadic(own, bound))
        ctx.pairs, ctx.width = pairs, width
        return ((positives * smooth_step(excess, steps.outer)).sum() / len(places)).to(user.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> Any:
        """Scores once more, tile by tile; each entry looks its gradient up."""
        user, item, rivals, own = ctx.saved_tensors
        user_wide, by_item = user.double(), torch.empty_like(item)
        by_user = torch.zeros_like(user_wide)
        for first, last, inside in ctx.pairs.in_tiles(len(item), ctx.width):
            entries = _bins(user, item[first:last])
            slopes = rivals.view(-1).index_select(0, entries.view(-1))
            flat = ctx.pairs.owners[inside] * (last - first) + ctx.pairs.items[inside] - first
            slopes.index_add_(0, flat, own[inside], alpha=-1)
            slopes = slopes.view(entries.shape)
            by_user.addmm_(slopes, item[first:last].double())
            by_item[first:last] = slopes.T @ user_wide
        return by_user.to(user.dtype) * upstream, by_item.mul_(upstream), None, None, None


def _bins(user: Tensor, items: Tensor) -> Tensor:
    """``u (f + 1) + (b_u'd_j + f) / 2``, each score's bin among those of all users, int32.

    The product gives it directly; all partial sums are halves of integers, so exact.
    """
    b, f = user.shape
    kind = torch.float64 if b * (f + 1) >= _EXACT_FLOAT32 else user.dtype
    offsets = torch.arange(b, dtype=kind, device=user.device) * (f + 1) + f / 2
    shape = (b, len(items))
    product = torch.addmm(
        offsets[:, None].expand(shape), user.to(kind), items.to(kind).T, alpha=0.5
    )
    return product.to(torch.int32 if b * (f + 1) < 1 << 31 else torch.int64)


class RealRecall(torch.autograd.Function):
    """Ranks from every pair against every item."""

    @staticmethod
    def forward(
        ctx: Any, user: Tensor, item: Tensor, pairs: Pairs, steps: RankSteps, width: int
    ) -> Any:
        """Ranks, and the sums that a positive itself will pass back."""
        scale = 1 / (user.shape[1] * steps.inner_temperature)
        user_scaled = user * scale
        own = _own_scores(user_scaled, item, pairs)
        zero = smooth_step(own.new_zeros(()), steps.inner)
        ranks = 1 - zero.expand_as(own).contiguous()
        sums = torch.zeros_like(own)
        for first in range(0, len(item), width):
            scores = user_scaled @ item[first : first + width].T
            for part in _parts(len(own), scores.shape[1]):
                above = scores.index_select(0, pairs.owners[part]).sub_(own[part, None])
                ranks[part] += smooth_step(above, steps.inner).sum(1)
                if any(ctx.needs_input_grad):
                    sums[part] += smooth_step_slope(above, steps.inner).sum(1)
        excess = (ranks - steps.n) / steps.outer_temperature
        pull = smooth_step_slope(excess, steps.outer) * (
            scale / (steps.outer_temperature * len(own))
        )
        ctx.save_for_backward(user, item, own, pull, pull * sums)
        ctx.pairs, ctx.steps, ctx.width, ctx.scale = pairs, steps, width, scale
        return smooth_step(excess, steps.outer).mean()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> Any:
        """Every pair against every item once more, tile by tile."""
        user, item, own, pull, pushed = ctx.saved_tensors
        pairs, pull, pushed = ctx.pairs, pull * upstream, pushed * upstream
        user_scaled = user * ctx.scale
        by_user, by_item = torch.zeros_like(user), torch.empty_like(item)
        for first, last, inside in pairs.in_tiles(len(item), ctx.width):
            scores = user_scaled @ item[first:last].T
            slopes = torch.zeros_like(scores)
            for part in _parts(len(own), last - first):
                above = scores.index_select(0, pairs.owners[part]).sub_(own[part, None])
                above = smooth_step_slope(above, ctx.steps.inner).mul_(pull[part, None])
                slopes.index_add_(0, pairs.owners[part], above)
            flat = pairs.owners[inside] * (last - first) + pairs.items[inside] - first
            slopes.view(-1).index_add_(0, flat, pushed[inside], alpha=-1)
            by_user.addmm_(slopes, item[first:last])
            torch.mm(slopes.T, user, out=by_item[first:last])
        return by_user, by_item, None, None, None


def _parts(n_pairs: int, width: int) -> Iterator[slice]:
    """Runs of pairs whose rows against a tile stay within the tile's size."""
    rows = max(1, TILE_ENTRIES // max(width, 1))
    for first in range(0, n_pairs, rows):
        yield slice(first, first + rows)
