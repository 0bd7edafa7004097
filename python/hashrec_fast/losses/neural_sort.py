# SPDX-License-Identifier: Apache-2.0
"""A differentiable sort of lists of scores: its first rows only, in O(N (log N + k)).

NeuralSort (Grover et al., ICLR 2019; survey eq. 21). Row k of the relaxed permutation of a list
of length N is ``softmax(((N + 1 - 2k) s - a) / temperature)`` with ``a_i = sum_j |s_i - s_j|``;
N is the length of the list that is sorted, which the survey writes as the number of positives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def neural_sort(scores: Tensor, values: Tensor, mask: Tensor, k: int, temperature: float) -> Tensor:
    """Values at the first ``k`` places of each list, softly sorted by falling score.

    Parameters
    ----------
    scores, values : float tensors of shape (n_lists, length)
    mask : bool tensor of shape (n_lists, length)
        False where a list is padded.
    k : int
        Places wanted; those beyond a list's own length are zero.
    temperature : float
        Towards zero, the result is the values in exact order.

    Returns
    -------
    tensor of shape (n_lists, k)
    """
    ordered, order = scores.masked_fill(~mask, -float("inf")).sort(
        dim=1, descending=True, stable=True
    )
    inside = mask.gather(1, order)
    ordered = ordered.masked_fill(~inside, 0)
    lengths = mask.sum(1, keepdim=True).to(scores.dtype)
    places = inside.cumsum(1).to(scores.dtype) - 1  # 0, 1, ..
    before = ordered.cumsum(1) - ordered
    total = ordered.sum(1, keepdim=True)
    # |s_i - s_j| of a sorted list: those before are larger, those after are smaller.
    distances = 2 * before - total + (lengths - 2 * places) * ordered
    rows = 2 * places.new_ones(k).cumsum(0)[None, :, None]  # 2, 4, ..
    logits = ((lengths + 1)[:, :, None] - rows) * ordered[:, None] - distances[:, None]
    logits = (logits / temperature).masked_fill(~inside[:, None], -1e30)
    best = logits.detach().amax(dim=2, keepdim=True)
    # Beyond e^-30 a weight is nothing but a source of denormal numbers, ten times slower.
    weights = logits.masked_fill(logits.detach() < best - 30, -1e30).softmax(dim=2)
    first = (weights * values.gather(1, order)[:, None]).sum(2)
    return first.masked_fill(rows[:, :, 0] / 2 > lengths, 0)
