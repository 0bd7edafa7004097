# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast import _core
from hashrec_fast.contracts import FitContext
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.guards import linear_value
from hashrec_fast.solvers.data_terms.pairwise import PairwiseDataTerm, pair_weights
from hashrec_fast.solvers.data_terms.pairwise_start import RelaxedPairs
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.linear_terms.balance import BalanceLinearTerm
from hashrec_fast.solvers.linear_terms.scaled import ScaledLinearTerm
from hashrec_fast.testing.reference_pairwise import brute_loss


def positives(rng, n_users=40, n_items=30, density=0.2):
    liked = rng.random((n_users, n_items)) < density
    liked[0], liked[1] = False, True
    return sp.csr_matrix(liked.astype(np.float32))


def brute(data_term, matrix, states):
    liked = matrix.toarray() > 0
    return brute_loss(
        states["user"].real(), states["item"].real(), liked, data_term.weight, data_term.margin
    )


def begin(matrix, n_bits, margin=1.0, seed=0, **options):
    data_term = PairwiseDataTerm(matrix, n_bits, margin * n_bits, **options)
    rows = dict(zip(("user", "item"), matrix.shape, strict=True))
    return data_term, random_states(rows, n_bits, np.random.default_rng(seed))


@pytest.mark.parametrize("n_bits", [1, 7, 64, 70])
@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_loss_equals_the_sum_over_pairs(n_bits, margin):
    matrix = positives(np.random.default_rng(n_bits))
    data_term, states = begin(matrix, n_bits, margin)
    assert data_term.loss(states) == pytest.approx(brute(data_term, matrix, states))
    assert data_term.size == 38  # without the user of nothing and the user of everything
    np.testing.assert_array_equal(data_term.weight[:2], 0)


@pytest.mark.parametrize("n_bits", [4, 16, 33])
@pytest.mark.parametrize("order", ["sequential", "parallel"])
@pytest.mark.parametrize("alpha", [0.0, 0.5])
def test_objective_never_rises(n_bits, order, alpha):
    rng = np.random.default_rng(n_bits)
    data_term, states = begin(positives(rng), n_bits, item_order=order)
    linear_terms = [BalanceLinearTerm(side, alpha, states, rng) for side in data_term.sides]
    history = alternate(data_term, linear_terms, states, rounds=12, sweeps=50)
    values = np.array([row["objective"] for row in history])
    assert (np.diff(values) <= 1e-9 * np.abs(values).max()).all()
    assert values[-1] < values[0]


def test_codes_depend_on_neither_threads_nor_level(simd_level):
    matrix = positives(np.random.default_rng(5), 70, 50)
    found = []
    for num_threads in (1, 2, 3):
        context = FitContext(20, np.random.default_rng(0), num_threads)
        data_term = PairwiseDataTerm(matrix, 20, 20.0)
        states = data_term.start((0.1, 0.1), context, rounds=4)
        alternate(data_term, [], states, rounds=3, sweeps=50, num_threads=num_threads)
        found.append(states)
    _core.set_simd_level("scalar")
    context = FitContext(20, np.random.default_rng(0), 2)
    states = data_term.start((0.1, 0.1), context, rounds=4)
    alternate(data_term, [], states, rounds=3, sweeps=50)
    for other in (*found[1:], states):
        for side in ("user", "item"):
            np.testing.assert_array_equal(found[0][side].values, other[side].values)


def test_a_pass_that_raises_the_objective_is_taken_back(monkeypatch):
    """The guard of parallel item rows, shown with a pass that always does harm."""
    matrix = positives(np.random.default_rng(2))
    data_term, states = begin(matrix, 16, item_order="parallel")
    expected_term, expected = begin(matrix, 16)
    real, calls = data_term._item_pass, []

    def harmful(states, options, *, sequential):
        calls.append(sequential)
        if not sequential:
            liked = matrix.toarray().sum(axis=0) > 0
            states["item"].values[liked, :16] = -states["item"].values[liked, :16]
            return 1
        return real(states, options, sequential=True)

    alternate(data_term, [], states, rounds=3, sweeps=50)
    alternate(expected_term, [], expected, rounds=3, sweeps=50)
    states = {side: type(state)(state.values.copy(), 16) for side, state in expected.items()}
    monkeypatch.setattr(data_term, "_item_pass", harmful)
    data_term.half("item", states, NO_LINEAR, sweeps=50, num_threads=1)
    expected_term.half("item", expected, NO_LINEAR, sweeps=50, num_threads=1)
    assert calls == [False, True]
    assert data_term.taken_back == 1
    np.testing.assert_array_equal(states["item"].values, expected["item"].values)


def test_relaxed_steps_lower_the_objective():
    """Real vectors: the same sum over pairs with margin one, plus the ridge of the weights."""
    rng = np.random.default_rng(0)
    matrix = positives(rng)
    liked = matrix.toarray() > 0
    relaxed = RelaxedPairs(matrix, (0.0, 0.0), 12, rng, 1)
    weight = pair_weights(liked.sum(axis=1).astype(float), liked.shape[1])

    def value():
        real = (relaxed.users.astype(np.float64), relaxed.items.astype(np.float64))
        return brute_loss(*real, liked, weight, 1.0)

    values = [value()]
    for _ in range(8):
        relaxed.user_step()
        values.append(value())
        relaxed.item_step()
        values.append(value())
    assert (np.diff(values) <= 0.02 * values[0]).all()  # the small ridge is not part of it
    assert values[-1] < 0.3 * values[0]


def test_scaled_linear_term():
    rng = np.random.default_rng(0)
    _, states = begin(positives(rng), 8)
    term = BalanceLinearTerm("user", 0.5, states, rng)
    scaled = ScaledLinearTerm(term, 3.0)
    start = states["user"].values
    np.testing.assert_allclose(
        linear_value(scaled.linear(states), start, start),
        3 * linear_value(term.linear(states), start, start),
    )
    assert scaled.value(states) == 3 * term.value(states)
    assert linear_value(term.linear(states), start, start) == pytest.approx(-term.value(states) / 2)


def test_new_rows_get_the_codes_of_a_descent():
    """An item that is encoded again cannot be worse placed than at random."""
    matrix = positives(np.random.default_rng(1), 80, 60)
    model = hf.create("dpr", n_bits=16, random_state=0).fit(matrix, show_progress=False)
    for side, rows in (("users", matrix), ("items", matrix.T.tocsr())):
        codes = getattr(model, f"encode_{side}")(rows)
        own = {"users": model.user_codes_, "items": model.item_codes_}[side]
        other = {"users": model.item_codes_, "items": model.user_codes_}[side]

        def gap(codes, rows=rows, other=other):
            scores = 16 - 2 * hf.hamming_matrix(codes, other)
            liked = rows.toarray() > 0
            return scores[liked].mean() - scores[~liked].mean()

        assert gap(codes) > 0.5 * gap(own) > 1


def test_unknown_order_is_refused():
    with pytest.raises(ValueError, match="item_order must be 'sequential' or 'parallel', got 'x'"):
        begin(positives(np.random.default_rng(0)), 8, item_order="x")


def test_margin_must_be_a_number():
    with pytest.raises(ValueError, match="margin must be a finite number, got nan"):
        begin(positives(np.random.default_rng(0)), 8, margin=np.nan)
