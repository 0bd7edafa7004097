# SPDX-License-Identifier: Apache-2.0
"""Quadratic upper bounds of smooth losses, touching at the present scores.

Minimising the bound by discrete coordinate descent and expanding again never raises the loss.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def logistic_weight(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight ``w`` of ``log(1 + exp(-r s)) <= w s^2 - r s / 2 + const``, r = +-1.

    ``w = tanh(|s| / 2) / (4 |s|)``, 1/8 at zero (Jaakkola and Jordan 2000).
    """
    size = np.abs(scores)
    safe = np.where(size < 1e-6, 1.0, size)
    return np.where(size < 1e-6, 0.125, np.tanh(safe / 2) / (4 * safe))


def pair_entropy_tables(
    n_bits: int, scale: float, limit: float = np.inf
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Bound of the cross-entropy of a pair for every difference of two Hamming distances.

    With ``o = scale (s_i - s_j)`` and the label P of 0, 1/2 or 1, the loss
    ``log(1 + exp(o)) - P o`` is at most ``w o^2 + m o + const``, touching at the present ``o``.
    The weights are rounded up to multiples of 2**-20, which keeps sums of them exact, and the
    slopes make up for it. Pairs whose loss is not below ``limit`` have neither.

    Returns
    -------
    loss, weight, slope : float64 (3, 2 n_bits + 1)
        Rows by label, twice P; column ``n_bits + h_j - h_i`` where ``s = n_bits - 2 h``.
    """
    o = 2 * scale * np.arange(-n_bits, n_bits + 1, dtype=np.float64)
    label = np.array([0.0, 0.5, 1.0])[:, None]
    loss = np.logaddexp(0.0, o) - label * o
    exact = logistic_weight(o)
    weight = np.ceil(exact * 2.0**20) / 2.0**20
    counts = loss < limit
    return loss, counts * weight, counts * (0.5 - label - 2 * (weight - exact) * o)


def plackett_luce(
    scores: NDArray[np.float64], indptr: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Plackett-Luce loss of ranked lists with its gradient and a separable curvature bound.

    ``loss = sum_j -s_j + log sum_(l >= j) exp(s_l)`` for a list in ranked order (survey eqs.
    23-24). It is at most ``loss0 + g'(s - s0) + (s - s0)' diag(h) (s - s0) / 2`` everywhere:
    each log-sum-exp has curvature at most 1/2 (Boehning 1992), and the element at place i of N
    is in ``min(i, N - 1)`` of them that are not constant.

    Parameters
    ----------
    scores : float64 (n,)
        Scores of all lists, one list after another, best element first.
    indptr : int64 (n_lists + 1,)
        Where the lists begin and end.

    Returns
    -------
    loss : float64 (n_lists,)
    gradient, curvature : float64 (n,)
    """
    lengths = np.diff(indptr)
    by_length = np.argsort(-lengths, kind="stable")
    longest = int(lengths.max(initial=0))
    # the first alive[p] lists, longest first, have an element at place p
    alive = np.searchsorted(-lengths[by_length], -np.arange(longest), side="left")
    begins = indptr[:-1][by_length]
    tails = np.empty_like(scores)  # log-sum-exp of an element and all after it
    suffix = np.empty(0)
    for p in range(longest - 1, -1, -1):
        here = begins[: alive[p]] + p
        total = scores[here]
        total[: len(suffix)] = np.logaddexp(total[: len(suffix)], suffix)
        tails[here] = suffix = total
    gradient = np.empty_like(scores)
    prefix = np.full(len(by_length), -np.inf)  # log of the sum of 1 / exp(tail) so far
    for p in range(longest):
        here = begins[: alive[p]] + p
        prefix = np.logaddexp(prefix[: alive[p]], -tails[here])
        gradient[here] = np.exp(scores[here] + prefix) - 1.0
    place = np.arange(len(scores)) - np.repeat(indptr[:-1], lengths) + 1
    curvature = np.minimum(place, np.repeat(lengths, lengths) - 1) / 2.0
    lists = np.repeat(np.arange(len(lengths)), lengths)
    loss = np.bincount(lists, tails - scores, minlength=len(lengths)).astype(np.float64)
    return loss, gradient, curvature
