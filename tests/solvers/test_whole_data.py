# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.kernels.packing import unpack
from hashrec_fast.losses import SoftPositives, SquaredHinge, WholeDataSquare
from hashrec_fast.solvers.whole_data import (
    Schedule,
    Step,
    WholeDataLoss,
    WholeDataProblem,
    merge_pairs,
    solve_whole_data,
)
from hashrec_fast.testing.reference_solvers import dense_objective

DEFAULT = WholeDataLoss.of((WholeDataSquare(), SquaredHinge(), SoftPositives()))
HARD = {"initial_temperature": 0.0, "soft_rounds": 0}


def random_pairs(rng, n_users=40, n_items=55, density=0.1):
    matrix = sp.random(n_users, n_items, density, format="csr", random_state=rng, dtype=np.float32)
    matrix.sort_indices()
    return matrix


def soft_lists(matrix, rng, k=4):
    soft = np.full((matrix.shape[0], k), -1, dtype=np.int32)
    for u in range(matrix.shape[0]):
        free = np.setdiff1d(np.arange(matrix.shape[1]), matrix[u].indices)
        soft[u, : k - 1] = rng.permutation(free)[: k - 1]
    return soft


def dense_masks(matrix, soft):
    observed = matrix.toarray() != 0
    mask = np.zeros(matrix.shape, dtype=bool)
    rows, places = np.nonzero(soft >= 0)
    mask[rows, soft[rows, places]] = True
    return observed, mask & ~observed


@pytest.mark.parametrize("n_bits", [7, 32, 64, 70])
def test_objective_equals_dense(simd_level, n_bits):
    rng = np.random.default_rng(n_bits)
    matrix = random_pairs(rng)
    soft = soft_lists(matrix, rng)
    loss = replace(DEFAULT, hinge_margin=0.0, hinge_weight=0.7)
    problem = WholeDataProblem(matrix, n_bits, loss, soft)
    result = solve_whole_data(problem, Schedule(soft_rounds=2, hard_rounds=1), rng)
    for hinge in (True, False):
        expected = dense_objective(
            unpack(result.user_codes, n_bits),
            unpack(result.item_codes, n_bits),
            *dense_masks(matrix, soft),
            problem.classes.weight,
            problem.rest_weight,
            loss,
            hinge=hinge,
        )
        got = problem.objective(result.user_codes, result.item_codes, hinge=hinge)
        assert got == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_least_squares_never_rises(seed):
    rng = np.random.default_rng(seed)
    loss = replace(DEFAULT, hinge_weight=0.0, rest_weight=0.4)
    problem = WholeDataProblem(random_pairs(rng), 24, loss)
    result = solve_whole_data(problem, Schedule(**HARD, hard_rounds=10), rng)
    values = [row["objective"] for row in result.history]
    assert len(values) > 1
    assert (np.diff(values) <= 1e-9).all()
    assert values[-1] < 0.95 * values[0]


def test_every_half_pass_lowers_dense_loss():
    """The Gram form of one pass is the descent of the dense loss."""
    rng = np.random.default_rng(3)
    matrix = random_pairs(rng)
    soft = soft_lists(matrix, rng)
    loss = replace(DEFAULT, hinge_weight=0.0)
    problem = WholeDataProblem(matrix, 12, loss, soft)
    from hashrec_fast.solvers.state import SignState

    users, items = SignState.random(40, 12, rng), SignState.random(55, 12, rng)

    def dense():
        return dense_objective(
            unpack(users.codes(), 12),
            unpack(items.codes(), 12),
            *dense_masks(matrix, soft),
            problem.classes.weight,
            problem.rest_weight,
            loss,
            hinge=False,
        )

    values = [dense()]
    for _ in range(3):
        problem.user_pass(users, items, Step(hinge=False))
        values.append(dense())
        problem.item_pass(items, users, Step(hinge=False))
        values.append(dense())
    assert (np.diff(values) <= 1e-9).all()
    assert values[1] < values[0]


@pytest.mark.parametrize(
    "schedule", [Schedule(soft_rounds=5), Schedule(**HARD, hard_rounds=5, hinge_from=1)]
)
def test_codes_do_not_depend_on_threads_or_level(simd_level, schedule):
    rng = np.random.default_rng(0)
    matrix = random_pairs(rng, 120, 90)
    soft = soft_lists(matrix, rng)
    results = []
    for num_threads in (1, 2, 3):
        problem = WholeDataProblem(matrix, 40, DEFAULT, soft)
        results.append(
            solve_whole_data(problem, schedule, np.random.default_rng(1), num_threads=num_threads)
        )
    for other in results[1:]:
        np.testing.assert_array_equal(results[0].user_codes, other.user_codes)
        np.testing.assert_array_equal(results[0].item_codes, other.item_codes)
        assert results[0].history == other.history
    # the same on every level: compare with a digest made at the level "scalar"
    from hashrec_fast import _core

    _core.set_simd_level("scalar")
    problem = WholeDataProblem(matrix, 40, DEFAULT, soft)
    scalar = solve_whole_data(problem, schedule, np.random.default_rng(1), num_threads=2)
    np.testing.assert_array_equal(results[0].user_codes, scalar.user_codes)
    np.testing.assert_array_equal(results[0].item_codes, scalar.item_codes)


def test_merge_keeps_observed_pairs():
    matrix = sp.csr_matrix(np.array([[1, 0, 1], [0, 0, 0]], dtype=np.float32))
    merged = merge_pairs(matrix, np.array([[0, 1], [2, -1]], dtype=np.int32))
    np.testing.assert_array_equal(merged.toarray(), [[1, 2, 1], [0, 0, 2]])


def test_users_and_items_without_pairs_get_codes():
    matrix = sp.csr_matrix(([1.0], ([2], [3])), shape=(5, 6), dtype=np.float32)
    problem = WholeDataProblem(matrix, 16, DEFAULT)
    result = solve_whole_data(problem, Schedule(), np.random.default_rng(0))
    assert result.user_codes.shape == (5, 1)
    assert result.item_codes.shape == (6, 1)
    assert np.isfinite([row["objective"] for row in result.history]).all()
