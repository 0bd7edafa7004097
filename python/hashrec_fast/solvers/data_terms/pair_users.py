# SPDX-License-Identifier: Apache-2.0
"""User rows of the bound of pairwise entropies: ``A = sum w q q'`` over pairs ``q = d_i - d_j``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.contracts import States
from hashrec_fast.kernels.row_terms import EntryLists, RowLinear, SharedTerms
from hashrec_fast.kernels.rows import RowPass, row_pass
from hashrec_fast.solvers.data_terms.pair_classes import PairClasses
from hashrec_fast.solvers.data_terms.rating_lists import PairPattern

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Tables = tuple[Floats, Floats, Floats]
LIGHT = 16  # ratings up to which the pairs themselves are cheaper than a call per user
PAIRS_AT_ONCE = 1 << 17
NO_ENTRIES = EntryLists(
    np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0)
)


def light_user_pass(
    pattern: PairPattern,
    states: States,
    tables: Tables,
    scale: float,
    linear: RowLinear,
    levels: Ints,
    *,
    sweeps: int,
    num_threads: int,
) -> int:
    """Users with 2 to 16 ratings: differences of codes are the rows of the other side."""
    lengths = np.diff(pattern.indptr)
    users = np.flatnonzero((lengths > 1) & (lengths <= LIGHT))
    n_pairs = lengths[users] * (lengths[users] - 1) // 2
    distances = pattern.distances(states)
    batch_of = np.cumsum(n_pairs) // PAIRS_AT_ONCE
    changed = 0
    for batch in np.unique(batch_of):
        chosen = batch_of == batch
        left, right = _pairs_of(pattern.indptr[:-1][users[chosen]], lengths[users[chosen]])
        changed += _pass_over_pairs(
            (users[chosen], n_pairs[chosen], left, right),
            (pattern, distances, levels),
            states,
            tables,
            scale,
            linear.of_rows(users[chosen]),
            sweeps=sweeps,
            num_threads=num_threads,
        )
    return changed


def _pairs_of(begins: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """Entries of all pairs ``left < right`` of each row, row by row."""
    table = [np.triu_indices(n, 1) for n in range(LIGHT + 1)]
    left = np.concatenate([begin + table[n][0] for begin, n in zip(begins, lengths, strict=True)])
    right = np.concatenate([begin + table[n][1] for begin, n in zip(begins, lengths, strict=True)])
    return left, right


def _pass_over_pairs(
    pairs: tuple[Ints, Ints, Ints, Ints],
    ratings: tuple[PairPattern, Ints, Ints],
    states: States,
    tables: Tables,
    scale: float,
    linear: RowLinear,
    *,
    sweeps: int,
    num_threads: int,
) -> int:
    users, n_pairs, left, right = pairs
    pattern, distances, levels = ratings
    own, items = states["user"], states["item"].values
    label = np.sign(levels[left] - levels[right]) + 1
    place = own.n_bits + distances[right] - distances[left]
    values = own.values[users]
    entries = EntryLists(
        np.concatenate([[0], np.cumsum(n_pairs)]).astype(np.int64),
        np.arange(len(left), dtype=np.int32),
        scale**2 * tables[1][label, place],
        -scale / 2 * tables[2][label, place],
    )
    step = RowPass(entries=entries, linear=linear, sweeps=sweeps, num_threads=num_threads)
    gaps = items[pattern.columns[left]] - items[pattern.columns[right]]
    changed = row_pass(values, own.n_bits, gaps, step)
    own.values[users] = values
    return changed


def heavy_user_pass(
    pattern: PairPattern,
    states: States,
    tables: Tables,
    scale: float,
    linear: RowLinear,
    classes: PairClasses,
    *,
    sweeps: int,
) -> int:
    """Users with more ratings, one by one, all their pairs by pairs of classes."""
    users, items = states["user"], states["item"].values
    in_class_order = np.argsort(classes.member, kind="stable")  # also user by user
    lengths = np.diff(pattern.indptr)
    changed = 0
    for part in classes.chunks():
        weights = classes.look_up(tables[1], part.left, part.right)
        slopes = classes.look_up(tables[2], part.left, part.right) * classes.count[part.right]
        slopes = part.sums(slopes)
        done = 0
        for u in part.users:
            own = slice(classes.indptr[u], classes.indptr[u + 1])
            n = own.stop - own.start
            weight = weights[done : done + n * n].reshape(n, n)
            done += n * n
            if lengths[u] <= LIGHT:
                continue
            entries = in_class_order[pattern.indptr[u] : pattern.indptr[u + 1]]
            codes = items[pattern.columns[entries]] / 256.0
            slope = slopes[own.start - part.classes.start : own.stop - part.classes.start]
            quad, lin = user_terms(codes, classes.count[own], weight, slope, scale)
            step = RowPass(
                entries=NO_ENTRIES,
                shared=SharedTerms(quad=quad, linear=lin),
                linear=linear.of_rows(slice(u, u + 1)),
                sweeps=sweeps,
                num_threads=1,
            )
            changed += row_pass(users.values[u : u + 1], users.n_bits, items, step)
    return changed


def user_terms(
    codes: Floats, count: Ints, weight: Floats, slope: Floats, scale: float
) -> tuple[Floats, Floats]:
    """Matrix ``A = Z'(diag(r) - W) Z`` and ``g`` of a user, its codes in the order of its classes.

    Weights are dyadic, so the matrix products are exact in any order.
    """
    total = weight @ count
    by_class = np.add.reduceat(codes, np.cumsum(count) - count, axis=0)
    quad = codes.T @ (np.repeat(total, count)[:, None] * codes)
    quad -= by_class.T @ (weight @ by_class)
    return scale**2 * quad, -scale / 2 * (slope[:, None] * by_class).sum(axis=0)
