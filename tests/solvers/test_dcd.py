# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.losses import MSE, BalanceDecorrelation
from hashrec_fast.solvers import DCD
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.delegates import make_delegate
from hashrec_fast.solvers.state import SignState


def ratings(rng, n_users=60, n_items=45, density=0.3):
    matrix = sp.random(n_users, n_items, density, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    return matrix


def solve(matrix, n_bits, *, alpha=0.1, seed=0, start="random", num_threads=0, block_bits=1):
    terms = Terms((MSE(), BalanceDecorrelation(alpha=alpha, beta=alpha)))
    context = FitContext(n_bits, np.random.default_rng(seed), num_threads)
    solver = DCD(start=start, start_rounds=5, block_bits=block_bits)
    return solver.solve(matrix, terms, None, context)


@pytest.mark.parametrize("n_bits", [4, 8, 33, 64])
@pytest.mark.parametrize("alpha", [0.0, 0.1, 10.0])
@pytest.mark.parametrize("start", ["random", "relaxed"])
def test_objective_never_rises(n_bits, alpha, start):
    result = solve(ratings(np.random.default_rng(0)), n_bits, alpha=alpha, start=start)
    values = [row["objective"] for row in result.history]
    assert (np.diff(values) <= 1e-6).all()
    assert result.history[-1]["bits_changed"] < result.history[0]["bits_changed"]


@pytest.mark.parametrize("block_bits", [2, 5, 8])
def test_blocks_lower_the_objective_too(block_bits):
    matrix = ratings(np.random.default_rng(0))
    results = [solve(matrix, 16, block_bits=block_bits, num_threads=t) for t in (1, 2)]
    np.testing.assert_array_equal(results[0].user, results[1].user)
    values = [row["objective"] for row in results[0].history]
    assert (np.diff(values) <= 1e-6).all()
    assert values[-1] < values[0]


def test_bad_blocks_raise():
    with pytest.raises(ValueError, match="block_bits must be from 1 to 12, got 13"):
        solve(ratings(np.random.default_rng(0)), 8, block_bits=13)


def test_codes_do_not_depend_on_threads(simd_level):
    matrix = ratings(np.random.default_rng(0))
    solutions = [solve(matrix, 20, num_threads=t, start="relaxed") for t in (1, 2, 3)]
    for other in solutions[1:]:
        np.testing.assert_array_equal(solutions[0].user, other.user)
        np.testing.assert_array_equal(solutions[0].item, other.item)


def test_loss_equals_dense():
    matrix = ratings(np.random.default_rng(1))
    n_bits = 12
    data_term = ObservedSquares.of_ratings(matrix, RatingScale.of(matrix), n_bits)
    rng = np.random.default_rng(2)
    users, items = (SignState.random(n, n_bits, rng) for n in matrix.shape)
    scores = (users.real() @ items.real().T)[matrix.nonzero()]
    expected = ((n_bits * (matrix.data - 3) / 2 - scores) ** 2).sum()
    assert data_term.loss({"user": users, "item": items}) == pytest.approx(expected)


def targets(values, n_bits, declared=None):
    matrix = sp.csr_matrix(np.atleast_2d(values))
    return RatingScale.of(matrix, declared).targets(matrix, n_bits)


def test_targets_span_the_scores():
    np.testing.assert_allclose(targets([1.0, 3.0, 5.0], 8), [-8, 0, 8])
    np.testing.assert_allclose(targets([2.0, 2.0], 8), [8, 8])
    np.testing.assert_allclose(targets([2.0, 3.0], 8, (1, 5)), [-4, 0])
    assert len(targets(np.empty((1, 0)), 8)) == 0


def test_ratings_outside_a_declared_scale():
    with pytest.raises(ValueError, match=r"ratings must be from 1 to 5, got 6 at user 0, item 1"):
        targets([2.0, 6.0], 8, (1, 5))
    with pytest.raises(ValueError, match="scale must be"):
        targets([2.0], 8, (5, 1))


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
    assert result.user.shape == (5, 1)
