# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from problems import context, each_flip, ratings, signs

from hashrec_fast.contracts import Terms
from hashrec_fast.kernels.packing import unpack
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.losses import BalanceDecorrelation, CompositionalSquare
from hashrec_fast.solvers import ComponentDCD
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.component_dcd import weighted_factors
from hashrec_fast.solvers.data_terms.anchors import component_weights, medoids, pair_up
from hashrec_fast.solvers.data_terms.components import ComponentDataTerm, component_sizes
from hashrec_fast.solvers.data_terms.start import random_states

SIZES = [3, 3, 2]


def weights_with_zeros(n, seed):
    weights = np.random.default_rng(seed).random((n, len(SIZES)))
    weights[weights < 0.3] = 0
    weights[weights.sum(axis=1) == 0] = 1
    return weights / weights.sum(axis=1, keepdims=True)


def problem(seed=0):
    matrix = ratings(seed)
    targets = sum(SIZES) * (matrix.data - 3) / 2
    eta, xi = (weights_with_zeros(n, seed + n) for n in matrix.shape)
    data_term = ComponentDataTerm(matrix, targets, SIZES, eta, xi)
    rng, states = np.random.default_rng(seed), {}
    for g, size in enumerate(SIZES):
        part = random_states({"user": matrix.shape[0], "item": matrix.shape[1]}, size, rng)
        states |= {f"{side}{g}": state for side, state in part.items()}
    return matrix, targets, eta, xi, data_term, states


def dense_loss(matrix, targets, eta, xi, states):
    scores, g_count = 0, len(SIZES)
    for g in range(g_count):
        parts = signs(states[f"user{g}"]) @ signs(states[f"item{g}"]).T
        scores = scores + g_count**2 * np.outer(eta[:, g], xi[:, g]) * parts
    return ((targets - scores[matrix.nonzero()]) ** 2).sum()


def test_loss_equals_dense():
    matrix, targets, eta, xi, data_term, states = problem()
    assert data_term.loss(states) == pytest.approx(dense_loss(matrix, targets, eta, xi, states))


@pytest.mark.parametrize("seed", range(4))
def test_rounds_lower_the_dense_loss_to_a_one_flip_optimum(seed):
    matrix, targets, eta, xi, data_term, states = problem(seed)
    arguments = matrix, targets, eta, xi, states
    values = [data_term.loss(states)]
    for _ in range(30):
        for side in data_term.sides:
            data_term.half(side, states, NO_LINEAR, sweeps=50, num_threads=1)
            values.append(dense_loss(*arguments))
    assert (np.diff(values) <= 1e-4 * values[0]).all()  # weights are rounded to 2^-20
    assert values[-1] < 0.7 * values[0]
    for side in data_term.sides:
        assert all(dense_loss(*arguments) > values[-1] - 1e-3 for _ in each_flip(states[side]))


def test_free_codes_are_filled_without_touching_the_loss():
    *_, eta, xi, data_term, states = problem()
    alternate(data_term, [], states, rounds=5, sweeps=10, num_threads=1)
    before = {side: state.values.copy() for side, state in states.items()}
    loss = data_term.loss(states)
    data_term.fill_free(states, sweeps=10, num_threads=1)
    assert data_term.loss(states) == pytest.approx(loss, rel=1e-12)
    moved = 0
    for side, state in states.items():
        weights = (eta if side.startswith("user") else xi)[:, int(side[4:])]
        changed = (state.values != before[side]).any(axis=1)
        assert (weights[changed] == 0).all()
        moved += changed.sum()
    assert moved > 0


@pytest.mark.parametrize(
    ("n_bits", "expected"),
    [(32, [4] * 8), (1, [1]), (5, [1] * 5), (33, [5] + [4] * 7), (100, [13] * 4 + [12] * 4)],
)
def test_component_sizes(n_bits, expected):
    assert component_sizes(n_bits, 8) == expected


def test_weights_by_hand():
    anchors = np.array([[1.0, 0.0], [0.0, 1.0]])
    rows = np.array([[2.0, 0.0], [1.0, 1.0], [-1.0, -1.0], [0.0, 0.0]])
    weights = component_weights(rows, anchors, 0.7)
    near = 0.75 * (1 - (0.5 / 0.7) ** 2)
    assert near > 0
    np.testing.assert_allclose(weights, [[1, 0], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]])
    wide = component_weights(rows, anchors, 2.0)
    raw = np.array([0.75, 0.75 * (1 - (1 / 2.0) ** 2)])
    np.testing.assert_allclose(wide[0], raw / raw.sum())


def test_medoids_find_separate_groups():
    rng = np.random.default_rng(0)
    centres = np.eye(5)[:3]
    groups = np.repeat(np.arange(3), 30)
    values = centres[groups] + 0.05 * rng.standard_normal((90, 5))
    chosen = medoids(values, 3, np.random.default_rng(2))
    assert sorted(groups[chosen]) == [0, 1, 2]
    for g, row in zip(groups[chosen], chosen, strict=True):  # the best member of its group
        unit = values / np.linalg.norm(values, axis=1, keepdims=True)
        closeness = unit[groups == g] @ unit[groups == g].sum(axis=0)
        assert row == np.flatnonzero(groups == g)[closeness.argmax()]
    assert len(medoids(values[:2], 4, rng)) == 4
    np.testing.assert_array_equal(pair_up(np.eye(3), np.eye(3)[[2, 0, 1]]), [1, 2, 0])


def test_weighted_factors_score_as_the_objective_does():
    matrix = ratings()
    terms = Terms(
        (
            CompositionalSquare(components=3, bandwidth=0.8),
            BalanceDecorrelation(alpha=0.1, beta=0.1),
        )
    )
    fitted = ComponentDCD().solve(matrix, terms, None, context(10))
    users, items = weighted_factors(fitted)
    codes = [unpack(c, 10).astype(float) for c in (fitted.user, fitted.item)]
    parts = np.split(np.arange(10), np.cumsum(fitted.facts["component_sizes"])[:-1])
    weights = [fitted.arrays[name] for name in ("user_weights", "item_weights")]
    expected = sum(
        np.outer(weights[0][:, g], weights[1][:, g]) * (codes[0][:, p] @ codes[1][:, p].T)
        for g, p in enumerate(parts)
    )
    np.testing.assert_allclose(users @ items.T, expected, atol=1e-5)
    targets = 10 * (matrix.data - 3) / 2
    loss = ((targets - 9 * (users @ items.T)[matrix.nonzero()]) ** 2).sum()
    assert loss < (targets**2).sum()


def test_bad_settings():
    with pytest.raises(ValueError, match="components must be at least 1, got 0"):
        CompositionalSquare(components=0)
    with pytest.raises(ValueError, match="bandwidth must be above 0"):
        CompositionalSquare(bandwidth=0.0)
