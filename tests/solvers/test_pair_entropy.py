# SPDX-License-Identifier: Apache-2.0
import itertools

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms import pair_classes, pair_users
from hashrec_fast.solvers.data_terms.pair_entropy import PairEntropyDataTerm
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.linear_terms.balance import BalanceLinearTerm


def ratings(rng, n_users=25, n_items=18, density=0.4):
    matrix = sp.random(n_users, n_items, density, format="lil", random_state=rng)
    matrix[0] = 0  # a user without ratings, and one with a single one
    matrix[1] = 0
    matrix[1, 3] = 1
    matrix = matrix.tocsr()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float32)
    return matrix


def begin(matrix, n_bits, sharpness=3.0, limit=np.inf, seed=0):
    data_term = PairEntropyDataTerm(matrix, n_bits, sharpness, limit)
    rows = dict(zip(("user", "item"), matrix.shape, strict=True))
    return data_term, random_states(rows, n_bits, np.random.default_rng(seed))


def pairs_of(matrix, states, scale):
    """User, items, difference of scores and label of every pair of ratings, one by one."""
    scores = scale * states["user"].real() @ states["item"].real().T
    for u in range(matrix.shape[0]):
        row = matrix[u]
        entries = list(zip(row.indices, row.data, strict=True))
        for (i, y), (j, z) in itertools.combinations(entries, 2):
            yield u, i, j, scores[u, i] - scores[u, j], 0.5 + 0.5 * np.sign(y - z)


@pytest.mark.parametrize("n_bits", [1, 8, 65])
@pytest.mark.parametrize("limit", [0.3, 0.8, np.inf])
def test_loss_equals_the_sum_over_pairs(n_bits, limit):
    matrix = ratings(np.random.default_rng(n_bits))
    data_term, states = begin(matrix, n_bits, limit=limit)
    pairs = list(pairs_of(matrix, states, 3.0 / n_bits))
    losses = [np.logaddexp(0, o) - p * o for *_, o, p in pairs]
    assert data_term.size == len(pairs)
    assert data_term.loss(states) == pytest.approx(np.minimum(losses, limit).sum())


def brute_user_terms(matrix, states, scale, limit, u):
    """Sum of the bounds of a user's pairs as ``b'Ab - 2g'b``, pair by pair."""
    width = states["item"].values.shape[1]
    quad, lin = np.zeros((width, width)), np.zeros(width)
    codes = states["item"].real()
    for user, i, j, o, p in pairs_of(matrix, states, scale):
        if user != u or np.logaddexp(0, o) - p * o >= limit:
            continue
        weight = 0.125 if o == 0 else np.tanh(abs(o) / 2) / (4 * abs(o))
        q = codes[i] - codes[j]
        quad += weight * scale**2 * np.outer(q, q)
        lin -= (0.5 - p) * scale * q / 2
    return quad, lin


@pytest.mark.parametrize("limit", [0.5, np.inf])
@pytest.mark.parametrize("light", [1, 3, 16])
def test_user_rows_descend_on_the_sum_over_pairs(monkeypatch, limit, light):
    """Users with few ratings by pairs, the others by classes: the same row problems."""
    monkeypatch.setattr(pair_users, "LIGHT", light)
    seen = []

    def record(own, n_bits, other, step):
        rows, entries, shared = other / 256.0, step.entries, step.shared
        for r in range(len(own)):
            part = slice(entries.indptr[r], entries.indptr[r + 1])
            z = rows[entries.indices[part]]
            matrix, lin = (entries.quad[part, None] * z).T @ z, entries.linear[part] @ z
            if shared.quad is not None:
                matrix, lin = matrix + shared.quad, lin + shared.linear
            seen.append((own[r].copy(), matrix, lin))
        return 0

    n_bits, matrix = 8, ratings(np.random.default_rng(3))
    data_term, states = begin(matrix, n_bits, limit=limit)
    monkeypatch.setattr(pair_users, "row_pass", record)
    data_term.half("user", states, NO_LINEAR, sweeps=5, num_threads=1)
    assert len(seen) == 23
    lengths = np.diff(matrix.indptr)
    users = np.flatnonzero(lengths > 1)
    by_kind = np.concatenate([users[lengths[users] <= light], users[lengths[users] > light]])
    for u, (start, quad, lin) in zip(by_kind, seen, strict=True):
        np.testing.assert_array_equal(start, states["user"].values[u])
        expected = brute_user_terms(matrix, states, data_term.scale, limit, u)
        # weights are rounded up to 2**-20, and the slopes make up for it
        np.testing.assert_allclose(quad, expected[0], atol=1e-4)
        np.testing.assert_allclose(lin, expected[1], atol=1e-3)


def test_few_pairs_at_a_time_change_nothing(monkeypatch):
    matrix = ratings(np.random.default_rng(9), 60, 40)
    found = []
    for budget in (1 << 20, 50):
        monkeypatch.setattr(pair_classes, "PAIR_BUDGET", budget)
        monkeypatch.setattr(pair_users, "PAIRS_AT_ONCE", budget)
        data_term, states = begin(matrix, 20)
        history = alternate(data_term, [], states, rounds=4, sweeps=50)
        found.append((states, [row["objective"] for row in history]))
    for side in ("user", "item"):
        np.testing.assert_array_equal(found[0][0][side].values, found[1][0][side].values)
    np.testing.assert_allclose(found[0][1], found[1][1])


def test_item_weights_equal_the_sum_over_pairs():
    n_bits, matrix = 8, ratings(np.random.default_rng(4))
    data_term, states = begin(matrix, n_bits)
    quad, lin = data_term._item_weights(states)
    scores = states["user"].real() @ states["item"].real().T
    expected_quad, expected_lin = np.zeros(matrix.shape), np.zeros(matrix.shape)
    for u, i, j, o, p in pairs_of(matrix, states, data_term.scale):
        weight = data_term.scale**2 * (0.125 if o == 0 else np.tanh(abs(o) / 2) / (4 * abs(o)))
        slope = data_term.scale / 2 * (0.5 - p)
        for one, other, sign in ((i, j, 1), (j, i, -1)):
            expected_quad[u, one] += weight
            expected_lin[u, one] += weight * scores[u, other] - sign * slope
    rows, columns = data_term._pattern.rows, data_term._pattern.columns
    np.testing.assert_allclose(quad, expected_quad[rows, columns], atol=1e-4)
    np.testing.assert_allclose(lin, expected_lin[rows, columns], atol=1e-3)


@pytest.mark.parametrize("n_bits", [4, 16, 40])
@pytest.mark.parametrize("limit", [0.7, np.inf])
@pytest.mark.parametrize("alpha", [0.0, 0.05])
def test_objective_never_rises(n_bits, limit, alpha):
    rng = np.random.default_rng(n_bits)
    data_term, states = begin(ratings(rng), n_bits, 2.0, limit)
    linear_terms = [BalanceLinearTerm(side, alpha, states, rng) for side in data_term.sides]
    history = alternate(data_term, linear_terms, states, rounds=10, sweeps=50)
    values = np.array([row["objective"] for row in history])
    assert (np.diff(values) <= 1e-9 * np.abs(values).max()).all()
    assert values[-1] < values[0]


def test_joint_bound_of_items_never_raises_the_loss(monkeypatch):
    """What an item pass falls back to lowers the loss by itself."""
    data_term, states = begin(ratings(np.random.default_rng(7)), 16, 2.0)
    real = data_term.loss
    for _ in range(6):
        before, answers = real(states), iter([0.0, np.inf])  # every first attempt seems to fail
        monkeypatch.setattr(data_term, "loss", lambda _, answers=answers: next(answers))
        data_term.half("item", states, NO_LINEAR, sweeps=50, num_threads=1)
        monkeypatch.setattr(data_term, "loss", real)
        assert real(states) <= before + 1e-9
    assert data_term.taken_back == 6


def test_codes_do_not_depend_on_threads(simd_level):
    matrix = ratings(np.random.default_rng(1), 60, 40)
    found = []
    for num_threads in (1, 2, 3):
        data_term, states = begin(matrix, 20, 1.5)
        alternate(data_term, [], states, rounds=3, sweeps=50, num_threads=num_threads)
        found.append(states)
    for other in found[1:]:
        for side in ("user", "item"):
            np.testing.assert_array_equal(found[0][side].values, other[side].values)


def test_sharpness_must_be_positive():
    with pytest.raises(ValueError, match="sharpness must be positive, got -1"):
        begin(ratings(np.random.default_rng(0)), 8, sharpness=-1.0)
