# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.solvers.dcd import (
    PointwiseProblem,
    relaxed_start,
    scale_targets,
    solve_pointwise,
)
from hashrec_fast.solvers.delegates import make_delegate
from hashrec_fast.solvers.state import SignState


def ratings(rng, n_users=60, n_items=45, density=0.3):
    matrix = sp.random(n_users, n_items, density, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    return matrix


def solve(matrix, n_bits, *, alpha=0.1, seed=0, start="random", num_threads=0):
    rng = np.random.default_rng(seed)
    problem = PointwiseProblem(matrix, scale_targets(matrix.data, n_bits), n_bits)
    if start == "relaxed":
        begin = relaxed_start(problem, alpha, alpha, rng, rounds=5, num_threads=num_threads)
    else:
        begin = tuple(SignState.random(n, n_bits, rng) for n in matrix.shape)
    return solve_pointwise(problem, alpha, alpha, rng, start=begin, num_threads=num_threads)


@pytest.mark.parametrize("n_bits", [4, 8, 33, 64])
@pytest.mark.parametrize("alpha", [0.0, 0.1, 10.0])
@pytest.mark.parametrize("start", ["random", "relaxed"])
def test_objective_never_rises(n_bits, alpha, start):
    result = solve(ratings(np.random.default_rng(0)), n_bits, alpha=alpha, start=start)
    values = [row["objective"] for row in result.history]
    assert (np.diff(values) <= 1e-6).all()
    assert result.history[-1]["bits_changed"] < result.history[0]["bits_changed"]


def test_codes_do_not_depend_on_threads(simd_level):
    matrix = ratings(np.random.default_rng(0))
    fits = [solve(matrix, 20, num_threads=t, start="relaxed") for t in (1, 2, 3)]
    for fit in fits[1:]:
        np.testing.assert_array_equal(fits[0].user_codes, fit.user_codes)
        np.testing.assert_array_equal(fits[0].item_codes, fit.item_codes)


def test_loss_equals_dense():
    matrix = ratings(np.random.default_rng(1))
    n_bits = 12
    problem = PointwiseProblem(matrix, scale_targets(matrix.data, n_bits), n_bits)
    rng = np.random.default_rng(2)
    users, items = (SignState.random(n, n_bits, rng) for n in matrix.shape)
    scores = (users.real() @ items.real().T)[matrix.nonzero()]
    expected = ((n_bits * (matrix.data - 3) / 2 - scores) ** 2).sum()
    assert problem.loss(users.codes(), items.codes()) == pytest.approx(expected)


def test_targets_span_the_scores():
    np.testing.assert_allclose(scale_targets(np.array([1.0, 3.0, 5.0]), 8), [-8, 0, 8])
    np.testing.assert_allclose(scale_targets(np.array([2.0, 2.0]), 8), [8, 8])
    assert len(scale_targets(np.array([]), 8)) == 0


@pytest.mark.parametrize("n_bits", [3, 16, 40])
def test_delegate_is_feasible_and_optimal(n_bits):
    rng = np.random.default_rng(n_bits)
    state = SignState.random(200, n_bits, rng)
    delegate = make_delegate(state, rng)
    signs = state.real()[:, :n_bits]
    x = (state.real() - delegate.mean) @ delegate.matrix
    x = x[:, :n_bits]
    np.testing.assert_allclose(x.sum(axis=0), 0, atol=1e-8)
    np.testing.assert_allclose(x.T @ x, 200 * np.eye(n_bits), atol=1e-6)
    assert delegate.trace == pytest.approx((signs * x).sum())
    for _ in range(20):  # no other feasible matrix does better
        noise = rng.standard_normal((200, n_bits))
        other, _ = np.linalg.qr(noise - noise.mean(axis=0))
        assert (signs * other * np.sqrt(200)).sum() <= delegate.trace + 1e-6


def test_rank_deficient_delegate():
    rng = np.random.default_rng(0)
    state = SignState.random(100, 10, rng)
    state.values[:, 3] = state.values[:, 1]  # two equal bits
    state.values[:, 5] = 256  # a constant bit
    delegate = make_delegate(state, rng)
    assert delegate.rows is not None
    x = delegate.rows[:, :10]
    np.testing.assert_allclose(x.sum(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x.T @ x, 100 * np.eye(10), atol=1e-6)
    centred = state.real()[:, :10] - state.real()[:, :10].mean(axis=0)
    best = np.sqrt(100) * np.linalg.svd(centred, compute_uv=False).sum()
    assert (centred * x).sum() == pytest.approx(best)


def test_fewer_rows_than_bits():
    result = solve(ratings(np.random.default_rng(0), 5, 6, 0.8), 16)
    assert result.user_codes.shape == (5, 1)
