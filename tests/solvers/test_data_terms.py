# SPDX-License-Identifier: Apache-2.0
"""Data terms of the one-stage methods against dense sums."""

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.kernels.row_terms import NO_LINEAR, DelegateMap, RowLinear
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.negatives import with_negatives
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.social import SocialDataTerm
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs
from hashrec_fast.solvers.state import SignState

N_USERS, N_ITEMS = 23, 17


def ratings(rng):
    matrix = sp.random(N_USERS, N_ITEMS, 0.3, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    return matrix


def graph(rng):
    matrix = sp.random(N_USERS, N_USERS, 0.1, format="csr", random_state=rng)
    matrix.data[:] = 1
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return matrix


def data_term_of(kind, rng, n_bits):
    pairs = ratings(rng)
    if kind == "logistic":
        labels = rng.choice([-1.0, 1.0], pairs.nnz)
        return WeightedPairs(pairs, labels, n_bits, slope=0.4, rest_weight=0.125), labels
    options = {
        "rest": {"rest_weight": 0.25, "rest_target": -0.5},
        "norm": {"norm_weight": 0.125},
        "both": {"rest_weight": 0.25, "norm_weight": 0.125},
    }[kind]
    targets = RatingScale.of(pairs).targets(pairs, n_bits)
    return WeightedPairs(pairs, targets, n_bits, **options), targets


def random_states(rng, n_bits, **rows):
    rows = {"user": N_USERS, "item": N_ITEMS} | rows
    return {side: SignState.random(n, n_bits, rng) for side, n in rows.items()}


def dense_scores(states, side="item"):
    return states["user"].real() @ states[side].real().T


@pytest.mark.parametrize("kind", ["rest", "norm", "both", "logistic"])
def test_loss_of_entries_equals_dense(kind, rng):
    data_term, targets = data_term_of(kind, rng, 12)
    states = random_states(rng, 12)
    scores = dense_scores(states)
    seen = data_term._pairs.toarray() > 0
    if kind == "logistic":
        expected = np.log1p(np.exp(-0.4 * targets * scores[seen])).sum()
    else:
        expected = ((targets - scores[seen]) ** 2).sum()
    rest = {"rest": 0.25, "both": 0.25, "logistic": 0.125}.get(kind, 0)
    t0 = -0.5 * 12 if kind == "rest" else 0
    expected += rest * ((t0 - scores[~seen]) ** 2).sum()
    expected += (0.125 if kind in {"norm", "both"} else 0) * (scores**2).sum()
    assert data_term.loss(states) == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["rest", "norm", "both", "logistic"])
@pytest.mark.parametrize("n_bits", [5, 16, 64])
def test_entries_never_rise(kind, n_bits, rng):
    data_term, _ = data_term_of(kind, rng, n_bits)
    states = random_states(rng, n_bits)
    before = data_term.loss(states) / (n_bits**2 * data_term.size)
    history = alternate(data_term, [], states, rounds=20, sweeps=5)
    values = [before, *(row["objective"] for row in history)]
    assert (np.diff(values) <= 1e-6 * (1 + np.abs(values[:-1]))).all()
    assert history[-1]["bits_changed"] == 0
    assert values[-1] < values[0]


def test_a_pass_with_rest_equals_a_pass_over_dense_weights(rng):
    """Whole-data rows: the rest as a shared Gram matrix or as entries of their own."""
    n_bits = 13
    data_term, targets = data_term_of("rest", rng, n_bits)
    seen = data_term._pairs.toarray() > 0
    goal = np.full(seen.shape, -0.5 * n_bits)
    goal[seen] = targets
    states = random_states(rng, n_bits)
    b, d = (states[side].real()[:, :n_bits].copy() for side in ("user", "item"))
    data_term.half("user", states, NO_LINEAR, sweeps=1, num_threads=1)
    for u in range(N_USERS):
        for k in range(n_bits):
            flipped = b[u].copy()
            flipped[k] *= -1
            weight = np.where(seen[u], 1.0, 0.25)
            now, then = ((weight * (goal[u] - d @ x) ** 2).sum() for x in (b[u], flipped))
            if then < now - 1e-3:
                b[u] = flipped
    np.testing.assert_array_equal(states["user"].real()[:, :n_bits], b)


def test_social_loss_equals_dense(rng):
    n_bits, pairs, links = 10, ratings(rng), graph(rng)
    data_term = SocialDataTerm(pairs, RatingScale.of(pairs), n_bits, links, 0.5, 1.0)
    states = random_states(rng, n_bits, friend=N_USERS)
    seen, linked = pairs.toarray() > 0, links.toarray() > 0
    goal = n_bits * (pairs.toarray() - 3) / 2
    expected = ((goal - dense_scores(states))[seen] ** 2).sum()
    expected += 0.5 * ((n_bits - dense_scores(states, "friend"))[linked] ** 2).sum()
    assert data_term.loss(states) == pytest.approx(expected)
    history = alternate(data_term, [], states, rounds=20, sweeps=5)
    assert (np.diff([row["objective"] for row in history]) <= 1e-9).all()
    assert history[-1]["objective"] < expected / (n_bits**2 * data_term.size)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("kind", ["rest", "both", "logistic", "social"])
def test_passes_do_not_depend_on_threads(kind, threads, simd_level):
    def codes(num_threads):
        rng = np.random.default_rng(5)
        if kind == "social":
            pairs = ratings(rng)
            data_term = SocialDataTerm(pairs, RatingScale.of(pairs), 20, graph(rng), 0.3, 1.0)
        else:
            data_term, _ = data_term_of(kind, rng, 20)
        states = random_states(rng, 20, friend=N_USERS)
        alternate(data_term, [], states, rounds=4, sweeps=5, num_threads=num_threads)
        return [state.codes() for state in states.values()]

    for one, many in zip(codes(1), codes(threads), strict=True):
        np.testing.assert_array_equal(one, many)


def test_an_empty_graph_is_dcf(rng):
    pairs = ratings(rng)
    scale = RatingScale.of(pairs)
    social = SocialDataTerm(pairs, scale, 9, sp.csr_matrix((N_USERS, N_USERS)), 1.0, 1.0)
    plain = ObservedSquares.of_ratings(pairs, scale, 9)
    states = random_states(rng, 9, friend=N_USERS)
    alone = {side: SignState(states[side].values.copy(), 9) for side in ("user", "item")}
    alternate(social, [], states, rounds=10, sweeps=5)
    alternate(plain, [], alone, rounds=10, sweeps=5)
    for side, state in alone.items():
        np.testing.assert_array_equal(state.values, states[side].values)


@pytest.mark.parametrize("times", [0.0, 1.0, 3.0])
def test_negatives(times, rng):
    positives = ratings(rng)
    pairs, labels = with_negatives(positives, times, rng)
    assert pairs.has_sorted_indices
    signed = sp.csr_matrix((labels, pairs.indices, pairs.indptr), shape=pairs.shape).toarray()
    np.testing.assert_array_equal(signed == 1, positives.toarray() > 0)
    drawn = (signed == -1).sum(axis=1)
    assert (drawn <= np.rint(times * np.diff(positives.indptr))).all()
    assert (drawn.sum() > 0) == (times > 0)
    assert not (signed == -1)[:, np.asarray((positives > 0).sum(axis=0)).ravel() == 0].any()


def test_linear_terms_add_up():
    one, delegate = np.ones((2, 8)), DelegateMap(np.eye(8), np.zeros(8))
    terms = [RowLinear(one), RowLinear(), RowLinear(2 * one), RowLinear(delegate=delegate)]
    total = sum(terms, NO_LINEAR)
    np.testing.assert_array_equal(total.rows, 3 * one)
    assert total.delegate is delegate
    with pytest.raises(ValueError, match="two linear terms of one side are both delegate maps"):
        total + RowLinear(delegate=delegate)


def test_sums_of_linear_terms_are_as_the_core_takes_them():
    total = NO_LINEAR + RowLinear(np.asfortranarray(np.ones((3, 8))))
    assert total.rows.flags.c_contiguous


def test_scaled_and_chosen_linear_terms():
    rows, delegate = np.arange(24.0).reshape(3, 8), DelegateMap(np.eye(8), np.ones(8))
    twice = RowLinear(rows, delegate).scaled(2.0)
    np.testing.assert_array_equal(twice.rows, 2 * rows)
    np.testing.assert_array_equal(twice.delegate.matrix, 2 * np.eye(8))
    np.testing.assert_array_equal(twice.delegate.mean, np.ones(8))
    chosen = RowLinear(rows, delegate).of_rows(np.array([2, 0]))
    np.testing.assert_array_equal(chosen.rows, rows[[2, 0]])
    assert chosen.delegate is delegate
    assert NO_LINEAR.scaled(2.0).parts() == NO_LINEAR.of_rows(slice(0, 1)).parts() == (None,) * 3
