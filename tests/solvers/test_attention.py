# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp
from problems import context, each_flip, graph, ratings, signs

import hashrec_fast as hf
from hashrec_fast.kernels.row_terms import NO_LINEAR, RowLinear
from hashrec_fast.solvers.data_terms.attention import AttentionDataTerm, limited_attention
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.delegates import make_delegate

N_BITS = 6


def simplex_grid(n, steps):
    """All points of the simplex whose coordinates are multiples of ``1 / steps``."""
    if n == 1:
        return np.array([[1.0]])
    points = np.stack(np.meshgrid(*[np.arange(steps + 1)] * (n - 1)), axis=-1).reshape(-1, n - 1)
    points = points[points.sum(axis=1) <= steps]
    return np.column_stack([points, steps - points.sum(axis=1)]) / steps


@pytest.mark.parametrize("seed", range(25))
def test_attention_minimises_over_the_simplex(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    beta = rng.random(n) * rng.choice([0.3, 1.0, 3.0]) + rng.choice([0.0, 50.0])
    weights = limited_attention(np.array([0, n]), beta)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()

    def value(a):
        return np.linalg.norm(a, axis=-1) + a @ beta

    grid = simplex_grid(n, 60)
    assert value(weights) <= value(grid).min() + 1e-9
    assert value(weights) >= value(grid).min() - 0.05


def test_attention_of_many_rows():
    indptr = np.array([0, 2, 2, 5, 6])
    beta = np.array([1e5, 0.0, 4e5, 2e5, 2e5, 7.0])
    expected = [0, 1, 0, 0.5, 0.5, 1]
    np.testing.assert_allclose(limited_attention(indptr, beta), expected)
    for row in range(4):
        part = slice(indptr[row], indptr[row + 1])
        alone = limited_attention(np.array([0, indptr[row + 1] - indptr[row]]), beta[part])
        np.testing.assert_allclose(alone, limited_attention(indptr, beta)[part])
    assert len(limited_attention(np.zeros(4, int), np.empty(0))) == 0


def problem(seed=0, sharpness=0.3):
    matrix = ratings(seed)
    social = graph(30, 0.15, seed)
    data_term = AttentionDataTerm(matrix, RatingScale.of(matrix), N_BITS, social, 1.5, sharpness)
    rng = np.random.default_rng(seed)
    states = random_states({"user": 30, "item": 25, "friend": 30}, N_BITS, rng)
    return matrix, social, data_term, states


def dense(matrix, data_term, states):
    """The objective for the attention that the data term has at present."""
    users, items, friends = (signs(states[side]) for side in ("user", "item", "friend"))
    total = ((N_BITS * (matrix.data - 3) / 2 - (users @ items.T)[matrix.nonzero()]) ** 2).sum()
    attended = data_term.attention.toarray() @ friends
    alone = data_term.attention.toarray().sum(axis=1) == 0
    attended[alone] = data_term._mean_of_others
    return total + 1.5 * ((users - attended) ** 2).sum() + 1.5 * ((friends - users) ** 2).sum()


@pytest.mark.parametrize("seed", range(4))
def test_passes_lower_the_dense_objective(seed):
    matrix, _, data_term, states = problem(seed)
    data_term.refresh("user", states)
    values = [dense(matrix, data_term, states)]
    assert data_term.loss(states) == pytest.approx(values[0])
    for _ in range(4):  # the attention stays as it is
        for side in data_term.sides:
            data_term.half(side, states, NO_LINEAR, sweeps=5, num_threads=1)
            values.append(dense(matrix, data_term, states))
    assert (np.diff(values) <= 1e-6).all()
    assert values[-1] < values[0]


def test_friends_end_in_an_optimum_of_single_flips():
    matrix, _, data_term, states = problem(1)
    data_term.refresh("user", states)
    assert data_term.half("friend", states, NO_LINEAR, sweeps=1, num_threads=1) > 0
    while data_term.half("friend", states, NO_LINEAR, sweeps=1, num_threads=1):
        pass
    lowest = dense(matrix, data_term, states)
    assert all(
        dense(matrix, data_term, states) >= lowest - 1e-9 for _ in each_flip(states["friend"])
    )


def test_first_friend_by_the_formula():
    """q_tk with every sum written out, for the first user that anyone attends to."""
    _, _, data_term, states = problem(2)
    data_term.refresh("user", states)
    a = data_term.attention.toarray()
    users, friends = signs(states["user"]), signs(states["friend"])
    t = int(np.flatnonzero(a.sum(axis=0) > 0)[0])
    pull = np.zeros(states["friend"].values.shape)
    pull[:, :N_BITS] = np.random.default_rng(0).standard_normal((30, N_BITS))
    expected = np.empty(N_BITS)
    for k in range(N_BITS):
        q = 1.5 * users[t, k] + pull[t, k]
        for i in np.flatnonzero(a[:, t]):
            others = sum(a[i, v] * friends[v, k] for v in range(30) if v != t)
            q += 1.5 * a[i, t] * (users[i, k] - others)
        expected[k] = np.sign(q)
    data_term.half("friend", states, RowLinear(pull), sweeps=1, num_threads=1)
    np.testing.assert_array_equal(signs(states["friend"])[t], expected)


def test_delegate_of_friends_reaches_the_rule():
    _, _, data_term, states = problem(3)
    data_term.refresh("user", states)
    delegate = make_delegate(states["friend"], np.random.default_rng(0))
    assert delegate.matrix is not None
    rows = np.zeros(states["friend"].values.shape)
    rows[:] = 4.0 * (states["friend"].real() - delegate.mean) @ delegate.matrix
    copies = []
    for linear in (delegate.linear(4.0), RowLinear(rows)):
        again = {side: type(s)(s.values.copy(), N_BITS) for side, s in states.items()}
        data_term.half("friend", again, linear, sweeps=1, num_threads=1)
        copies.append(again["friend"].values)
    np.testing.assert_array_equal(*copies)


@pytest.mark.parametrize("name", ["dlacf", "sdsr"])
@pytest.mark.parametrize("links", ["none", "one", "two parts"])
def test_sparse_graphs(name, links):
    social = sp.lil_matrix((30, 30))
    if links == "one":
        social[3, 7] = 1
    if links == "two parts":
        social[0, 1] = social[1, 2] = social[20, 21] = 1
    model = hf.create(name, n_bits=8, random_state=0)
    model.fit(ratings(), side_info={"social": sp.csr_matrix(social)}, show_progress=False)
    assert np.isfinite([row["objective"] for row in model.history_]).all()
    assert context(4).side_info.social is None
