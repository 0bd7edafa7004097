# SPDX-License-Identifier: Apache-2.0
"""Discrete factorization machines against dense sums, one part at a time."""

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.losses import BalanceDecorrelation, FMSquare
from hashrec_fast.solvers import DFM, fm_scores
from hashrec_fast.solvers.fm import FMDataTerm, frequent_columns, unit_features
from hashrec_fast.solvers.state import SignState

N_USERS, N_ITEMS, N_FEATURES = 50, 40, 12


def data(rng):
    matrix = sp.random(N_USERS, N_ITEMS, 0.3, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    features = sp.random(N_ITEMS, N_FEATURES, 0.25, format="csr", random_state=rng)
    features.data -= 0.4
    return matrix, features


def problem(rng, n_bits=10, reg=0.5):
    matrix, features = data(rng)
    features = unit_features(features, np.arange(N_FEATURES))
    targets = 20 * rng.standard_normal(matrix.nnz)
    data_term = FMDataTerm(matrix, targets, features, n_bits, reg)
    rows = {"user": N_USERS, "item": N_ITEMS, "feature": N_FEATURES}
    states = {side: SignState.random(n, n_bits, rng) for side, n in rows.items()}
    data_term.weights = rng.standard_normal(len(data_term.weights))
    return matrix, features, targets, data_term, states


def dense_loss(matrix, features, targets, weights, states, reg):
    """The objective by the general formula of a factorization machine."""
    u, v, c = (
        states[side].real()[:, : states[side].n_bits] for side in ("user", "item", "feature")
    )
    f = features.toarray()
    constant, wu, wi, wf = np.split(weights, np.cumsum([1, N_USERS, N_ITEMS]))
    score = u @ v.T + u @ (f @ c).T + constant + wu[:, None] + wi + f @ wf
    return ((targets - score[matrix.nonzero()]) ** 2).sum() + reg * (weights**2).sum()


def test_loss_equals_dense():
    matrix, features, targets, data_term, states = problem(np.random.default_rng(0))
    expected = dense_loss(matrix, features, targets, data_term.weights, states, 0.5)
    assert data_term.loss(states) == pytest.approx(expected)


@pytest.mark.parametrize("side", ["user", "item", "feature", "weight"])
def test_each_part_ends_where_no_single_step_helps(side):
    """After its pass no flip of the part's bits (no move of the weights) lowers the dense loss."""
    matrix, features, targets, data_term, states = problem(np.random.default_rng(1), n_bits=5)

    def loss(weights=None):
        w = data_term.weights if weights is None else weights
        return dense_loss(matrix, features, targets, w, states, 0.5)

    before = loss()
    for _ in range(100):
        changed = data_term.half(side, states, NO_LINEAR, sweeps=50, num_threads=1)
        assert loss() <= before * (1 + 1e-9)
        before = loss()
        if changed == 0:
            break
    if side == "weight":
        for step in 1e-3 * np.random.default_rng(2).standard_normal((20, len(data_term.weights))):
            assert loss(data_term.weights + step) >= before * (1 - 1e-7)
        return
    values = states[side].values
    for row in range(len(values)):
        for k in range(5):
            values[row, k] *= -1
            assert loss() >= before - 1e-2  # the margin of ties times four
            values[row, k] *= -1


def solve(matrix, features, *, threads=1, start="random", alpha=0.5, rounds=15):
    terms = Terms((FMSquare(), BalanceDecorrelation(alpha=alpha, beta=alpha, gamma=alpha)))
    side = SideInfo(item_features=(features,) if features is not None else ())
    context = FitContext(16, np.random.default_rng(0), threads, side_info=side)
    return DFM(start=start, rounds=rounds).solve(matrix, terms, None, context)


@pytest.mark.parametrize("start", ["random", "relaxed"])
@pytest.mark.parametrize("with_features", [False, True])
def test_objective_never_rises(start, with_features):
    matrix, features = data(np.random.default_rng(3))
    fitted = solve(matrix, features if with_features else None, start=start)
    values = [row["objective"] for row in fitted.history]
    assert (np.diff(values) <= 1e-6).all()
    assert values[-1] < values[0]


def test_codes_do_not_depend_on_threads_and_levels(simd_level):
    matrix, features = data(np.random.default_rng(4))
    first = solve(matrix, features, rounds=4)
    for threads in (2, 3):
        again = solve(matrix, features, threads=threads, rounds=4)
        np.testing.assert_array_equal(first.user, again.user)
        np.testing.assert_array_equal(first.item, again.item)
        np.testing.assert_array_equal(first.arrays["feature_codes"], again.arrays["feature_codes"])


def test_exact_scores_fit_the_targets():
    """Residuals of the exact score are what the reported objective sums, without linear terms."""
    matrix, features = data(np.random.default_rng(5))
    fitted = solve(matrix, features, alpha=0.0)
    targets = 32 * ((matrix.data - 1) / 2 - 1)
    scores = fm_scores(fitted, np.arange(N_USERS))
    error = ((targets - scores[matrix.nonzero()]) ** 2).sum()
    assert error / (16**2 * matrix.nnz) == pytest.approx(fitted.history[-1]["objective"])
    some = fm_scores(fitted, np.array([3, 5]), np.array([7, 1]))
    np.testing.assert_allclose(some, scores[np.ix_([3, 5], [7, 1])])


def test_features_are_chosen_and_scaled():
    table = sp.csr_matrix([[1.0, 0, 2, -2], [0, 0, 3, 1], [0, 0, 1, 0]])
    columns = frequent_columns(table, 2)
    np.testing.assert_array_equal(columns, [2, 3])
    expected = [[0.5, -0.5], [0.75, 0.25], [1, 0]]
    np.testing.assert_allclose(unit_features(table, columns).toarray(), expected)
    np.testing.assert_array_equal(frequent_columns(table, 9), [0, 2, 3])  # empty ones are dropped


def test_bad_settings_raise():
    matrix, _ = data(np.random.default_rng(6))
    with pytest.raises(ValueError, match="start must be"):
        hf.create("dfm", n_bits=8, start="zero").fit(matrix, show_progress=False)
    with pytest.raises(ValueError, match="fm_square__n_features must be at least 0"):
        hf.create("dfm", n_bits=8, fm_square__n_features=-1).fit(matrix, show_progress=False)
