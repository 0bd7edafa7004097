# SPDX-License-Identifier: Apache-2.0
"""Numpy twins of the pairwise passes, and their objective by brute force over all pairs.

What is multiplied by a weight is added entry by entry, in the order of the compiled loops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashrec_fast.testing.reference_descent import ONE, Floats
from hashrec_fast.testing.reference_solvers import sweep

USER_CHUNK = 1024
Signs = NDArray[np.int16]
Ids = NDArray[np.int32]


def pull_on(r: int, x: Floats, options: dict[str, Any]) -> Floats:
    """Linear term of row ``r`` that does not come from the pairs."""
    linear = np.zeros(len(x))
    if options.get("row_linear") is not None:
        linear = linear + options["row_linear"][r]
    if options.get("delegate_matrix") is not None:
        product = np.zeros(len(x))
        for k in range(len(x)):
            product = product + (x - options["delegate_mean"])[k] * options["delegate_matrix"][k]
        linear = linear + product
    return linear


def _descend(state: Signs, r: int, n_bits: int, quad: Floats, linear: Floats, sweeps: int) -> int:
    x = sweep(quad, linear, n_bits, state[r] / ONE, temperature=0.0, sweeps=sweeps)
    new = (x * ONE).astype(np.int16)
    changed = int((new != state[r]).sum())
    state[r] = new
    return changed


def user_terms(
    positives: Floats, all_items: Floats, weight: float, margin: float
) -> tuple[Floats, Floats]:
    """Matrix and linear term of one user row, from the codes of its positives and of all items."""
    n_positive, n_negative = float(len(positives)), float(len(all_items) - len(positives))
    own, gram = positives.T @ positives, all_items.T @ all_items
    p = positives.sum(axis=0)
    q = all_items.sum(axis=0) - p
    cross = np.outer(p, q) + np.outer(q, p)
    quad = weight * (n_negative * own + n_positive * (gram - own) - cross)
    return quad, weight * (margin * (n_negative * p - n_positive * q))


def user_pass(
    state: Signs,
    n_bits: int,
    other: Signs,
    indptr: NDArray[np.int64],
    indices: Ids,
    pair_weight: Floats,
    margin: float,
    *,
    sweeps: int = 100,
    **options: Any,
) -> int:
    """Twin of ``_core.pairwise_user_pass``; updates ``state`` in place."""
    items = other / ONE
    changed = 0
    for u in range(len(state)):
        linear = pull_on(u, state[u] / ONE, options)
        quad = np.zeros((len(linear), len(linear)))
        if pair_weight[u] > 0:
            positives = items[indices[indptr[u] : indptr[u + 1]]]
            quad, pairs = user_terms(positives, items, float(pair_weight[u]), margin)
            linear = linear + pairs
        changed += _descend(state, u, n_bits, quad, linear, sweeps)
    return changed


def user_sums(
    users: Floats, pair_weight: Floats, positives: Floats, own_score: Floats, margin: float
) -> tuple[Floats, Floats]:
    """Sums ``G0`` and ``F0``: what all users say of an item that none of them holds."""
    width = users.shape[1]
    quad, linear = np.zeros((width, width)), np.zeros(width)
    for start in range(0, len(users), USER_CHUNK):
        part_quad, part_linear = np.zeros((width, width)), np.zeros(width)
        for u in range(start, min(start + USER_CHUNK, len(users))):
            b = users[u]
            part_quad = part_quad + np.outer(pair_weight[u] * positives[u] * b, b)
            excess = own_score[u] - positives[u] * margin
            part_linear = part_linear + pair_weight[u] * excess * b
        quad, linear = quad + part_quad, linear + part_linear
    return quad, linear


def item_pass(
    state: Signs,
    n_bits: int,
    other: Signs,
    indptr: NDArray[np.int64],
    indices: Ids,
    pair_weight: Floats,
    margin: float,
    *,
    positives: Floats,
    own_score: Floats,
    item_total: Floats,
    n_items: int,
    sequential: bool = True,
    sweeps: int = 100,
    **options: Any,
) -> int:
    """Twin of ``_core.pairwise_item_pass``; updates ``state`` and the running sums in place."""
    users = other / ONE
    base_quad, base_linear = user_sums(users, pair_weight, positives, own_score, margin)
    changed = 0
    for i in range(len(state)):
        ids = indices[indptr[i] : indptr[i + 1]]
        before = state[i] / ONE
        quad, linear = base_quad.copy(), pull_on(i, before, options) + base_linear
        for u in ids:
            b = users[u]
            quad = quad + np.outer(pair_weight[u] * (n_items - 2.0 * positives[u]) * b, b)
            seen = b @ item_total - 2.0 * own_score[u] + n_items * margin
            linear = linear + pair_weight[u] * seen * b
        changed += _descend(state, i, n_bits, quad, linear, sweeps)
        move = state[i] / ONE - before
        if sequential and move.any():
            item_total += move
            for u in ids:
                gain = users[u] @ move
                own_score[u] += gain
                base_linear = base_linear + pair_weight[u] * gain * users[u]
    return changed


def brute_loss(
    users: Floats, items: Floats, liked: NDArray[np.bool_], pair_weight: Floats, margin: float
) -> float:
    """Loss ``sum_u w_u sum_(i liked, j not) (margin - b_u'(d_i - d_j))^2``, pair by pair."""
    scores = users @ items.T
    total = 0.0
    for u in range(len(users)):
        for i in np.flatnonzero(liked[u]):
            for j in np.flatnonzero(~liked[u]):
                total += pair_weight[u] * (margin - scores[u, i] + scores[u, j]) ** 2
    return float(total)
