# SPDX-License-Identifier: Apache-2.0
"""Smooth recall against the whole catalogue, in memory of tiles and pairs.

For users u with positives i, both functions below compute the mean over pairs (u, i) of
``M((R_ui - n) / t')`` with ``R_ui = 1 + sum over all j != i of K((s_uj - s_ui) / t)``, and its
gradient. Scores are made one tile of items at a time and made again for the gradient.

* Codes in {-1, +1} have f + 1 different scores. A histogram of each user's scores is all that the
  ranks need, and what an item receives depends on its bin only:
  O(n_users n_items + n_users f^2), whatever the number of pairs. The gradient is a sum of dyadic
  numbers that fit a double, so it is the same in every order and for any number of threads.
* Real rows need O(n_pairs n_items) evaluations of K, and round as the matrix products do.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hashrec_fast.losses.smooth_recall import SmoothRecall
from hashrec_fast.losses.smooth_recall_paths import (
    TILE_ENTRIES,
    CodesRecall,
    Pairs,
    RealRecall,
)


def catalogue_loss(
    user: Tensor,
    item: Tensor,
    indptr: Tensor,
    indices: Tensor,
    *,
    loss: SmoothRecall,
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
    loss : SmoothRecall
        Its ``outer_start`` is the temperature of ranks; see :meth:`SmoothRecall.at`.
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
    >>> loss = SmoothRecall(n=1, outer_start=1.0)
    >>> catalogue_loss(user, item, torch.tensor([0, 1]), torch.tensor([0]), loss=loss)
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
    fixed = loss.at(0.0, len(item))
    width = tile or max(256, TILE_ENTRIES // max(len(user), 1))
    function = CodesRecall if hard else RealRecall
    value: Tensor = function.apply(user, item, pairs, fixed, width)  # type: ignore[no-untyped-call]
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
