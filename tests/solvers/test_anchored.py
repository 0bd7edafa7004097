# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from problems import context, each_flip, ratings, signs

from hashrec_fast.contracts import Terms
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.losses import MSE, AttentiveFriends, ExactBalance, RealAnchors
from hashrec_fast.solvers import DCD
from hashrec_fast.solvers.data_terms.anchored import AnchoredDataTerm
from hashrec_fast.solvers.data_terms.clusters import cluster_centres
from hashrec_fast.solvers.data_terms.real_factors import real_factors
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.dcd import pointwise_term
from hashrec_fast.training import OneStage

N_BITS = 8


def problem(balance, seed=0):
    matrix = ratings(seed, 50, 40)
    rng = np.random.default_rng(seed)
    rows = dict(zip(("user", "item"), matrix.shape, strict=True))
    anchors = {side: 5 * rng.standard_normal((n, N_BITS)) for side, n in rows.items()}
    data_term = AnchoredDataTerm(matrix, RatingScale.of(matrix), N_BITS, anchors, {}, balance)
    return matrix, anchors, data_term, random_states(rows, N_BITS, rng)


def dense(matrix, anchors, balance, states):
    """The objective with squared distances to unit-weight anchors written out."""
    scores = (signs(states["user"]) @ signs(states["item"]).T)[matrix.nonzero()]
    total = ((N_BITS * (matrix.data - 3) / 2 - scores) ** 2).sum()
    for side, state in states.items():
        constant = state.values.shape[0] * N_BITS + (anchors[side] ** 2).sum()
        total += ((signs(state) - anchors[side]) ** 2).sum() - constant
        total += balance * (signs(state).sum(axis=0) ** 2).sum()
    return total


@pytest.mark.parametrize("balance", [0.0, 0.3, 20.0])
@pytest.mark.parametrize("seed", range(3))
def test_passes_lower_the_dense_objective(balance, seed):
    matrix, anchors, data_term, states = problem(balance, seed)
    values = [dense(matrix, anchors, balance, states)]
    assert data_term.loss(states) == pytest.approx(values[0])
    for _ in range(6):
        for side in data_term.sides:
            data_term.half(side, states, NO_LINEAR, sweeps=5, num_threads=1)
            values.append(dense(matrix, anchors, balance, states))
    assert (np.diff(values) <= 1e-6).all()
    assert values[-1] < values[0]


def test_strong_balance_balances():
    sums = {}
    for balance in (0.0, 20.0):
        *_, data_term, states = problem(balance)
        for side in data_term.sides * 5:
            data_term.half(side, states, NO_LINEAR, sweeps=5, num_threads=1)
        sums[balance] = np.abs(states["user"].total()[:N_BITS]).mean()
    assert sums[20.0] < 0.5 * sums[0.0]


def test_single_rows_are_updated_exactly(monkeypatch):
    """With blocks of one row the pass ends in optima of single flips, row by row."""
    monkeypatch.setattr("hashrec_fast.solvers.data_terms.anchored.BLOCK", 1)
    matrix, anchors, data_term, states = problem(0.5)
    while data_term.half("user", states, NO_LINEAR, sweeps=50, num_threads=1):
        pass
    lowest = dense(matrix, anchors, 0.5, states)
    assert all(
        dense(matrix, anchors, 0.5, states) >= lowest - 1e-3 for _ in each_flip(states["user"])
    )


def test_terms_set_anchors_on_the_raw_scale():
    matrix = ratings()
    terms = Terms((MSE(), RealAnchors(user_cluster=2.0, user_real=3.0), ExactBalance(weight=0.5)))
    data_term = pointwise_term(matrix, terms, context(N_BITS))
    scale, fresh = RatingScale.of(matrix), context(N_BITS)
    users, items = real_factors(matrix, scale, N_BITS, fresh, reg=0.1, rounds=15)
    centres = cluster_centres(users, 50, fresh.rng)
    raw = 4 * N_BITS**2
    np.testing.assert_allclose(data_term._anchors["user"], raw * (2 * centres + 3 * users))
    assert data_term._balance == raw * 0.5
    states = data_term.start((0, 0), context(N_BITS), rounds=1)
    np.testing.assert_array_equal(signs(states["item"]), np.where(items >= 0, 1, -1))


def test_codes_do_not_depend_on_threads():
    terms = Terms((MSE(), RealAnchors(), ExactBalance(weight=0.01)))
    solutions = [DCD().solve(ratings(), terms, None, context(12, num_threads=t)) for t in (1, 2, 3)]
    for other in solutions[1:]:
        np.testing.assert_array_equal(solutions[0].user, other.user)
        np.testing.assert_array_equal(solutions[0].item, other.item)


def test_real_factors_minimise_their_objective():
    """Every row is the ridge solution for the other side."""
    matrix = ratings()
    users, items = real_factors(matrix, RatingScale.of(matrix), 4, context(4), reg=0.2, rounds=60)
    dense_targets = np.zeros(matrix.shape)
    dense_targets[matrix.nonzero()] = (matrix.data - 3) / 2
    for i in range(matrix.shape[1]):
        rated = matrix[:, [i]].toarray().ravel() > 0
        a = users[rated].T @ users[rated] + 0.2 * rated.sum() * np.eye(4)
        expected = np.linalg.solve(a, users[rated].T @ dense_targets[rated, i])
        np.testing.assert_allclose(items[i], expected, atol=1e-3)


def test_clusters():
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1], 20)
    values = 10.0 * groups[:, None] + rng.standard_normal((40, 3))
    centres = cluster_centres(values, 2, rng)
    for g in (0, 1):
        expected = np.broadcast_to(values[groups == g].mean(axis=0), (20, 3))
        np.testing.assert_allclose(centres[groups == g], expected)
    assert cluster_centres(values[:3], 50, rng).shape == (3, 3)


def test_terms_that_no_fit_joins():
    parts = (MSE(), AttentiveFriends())
    with pytest.raises(ValueError, match="DCD cannot optimise ExactBalance together with"):
        OneStage(solver=DCD()).check(parts, (ExactBalance(),))


def test_bad_settings():
    with pytest.raises(ValueError, match=r"item_real must be at least 0, got -1\.0"):
        RealAnchors(item_real=-1.0)
    with pytest.raises(ValueError, match="user_clusters must be at least 1, got 0"):
        RealAnchors(user_clusters=0)
