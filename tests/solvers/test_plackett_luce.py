# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast import _core
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.plackett_luce import PlackettLuceDataTerm
from hashrec_fast.solvers.data_terms.ranked_lists import deal_lists, with_tail
from hashrec_fast.solvers.data_terms.start import random_states
from hashrec_fast.solvers.linear_terms.balance import BalanceLinearTerm


def ratings(rng, n_users=30, n_items=20, density=0.4, highest=5):
    matrix = sp.random(n_users, n_items, density, format="csr", random_state=rng)
    matrix.sort_indices()
    matrix.data = rng.integers(1, highest + 1, matrix.nnz).astype(np.float32)
    return matrix


def begin(matrix, n_bits, *, list_length=5, sharpness=2.0, fixed=True, seed=0):
    data_term = PlackettLuceDataTerm(
        matrix,
        n_bits,
        np.random.default_rng(seed),
        sharpness=sharpness,
        list_length=list_length,
        negatives=2.0,
        fixed=fixed,
    )
    rows = dict(zip(("user", "item"), matrix.shape, strict=True))
    return data_term, random_states(rows, n_bits, np.random.default_rng(seed))


@pytest.mark.parametrize("list_length", [0, 1, 3, 5])
def test_lists_are_ranked_and_hold_every_entry_once(list_length):
    rng = np.random.default_rng(0)
    matrix = ratings(rng)
    levels = matrix.data.astype(np.int64)
    lists = deal_lists(matrix.indptr.astype(np.int64), levels, list_length, rng)
    np.testing.assert_array_equal(np.sort(lists.order), np.arange(matrix.nnz))
    rows = np.repeat(np.arange(30), np.diff(matrix.indptr))
    for a, b in zip(lists.indptr[:-1], lists.indptr[1:], strict=True):
        part = lists.order[a:b]
        assert len(set(rows[part])) <= 1
        assert (np.diff(levels[part]) <= 0).all()
        assert list_length == 0 or len(part) <= list_length
    assert lists.indptr[-1] == matrix.nnz


def test_lists_of_a_user_have_the_same_mix():
    levels = np.repeat([1, 0], [4, 16])
    lists = deal_lists(np.array([0, 20]), levels, 5, np.random.default_rng(0))
    assert len(lists.indptr) == 5
    for a in lists.indptr[:-1]:
        np.testing.assert_array_equal(levels[lists.order[a : a + 5]], [1, 0, 0, 0, 0])


def test_ties_are_broken_anew():
    levels = np.zeros(50, dtype=np.int64)
    rng = np.random.default_rng(0)
    first, second = (deal_lists(np.array([0, 50]), levels, 5, rng).order for _ in range(2))
    assert (first != second).any()


def test_drawn_items_are_unobserved():
    matrix = ratings(np.random.default_rng(0))
    pairs, levels = with_tail(matrix, 2.0, np.random.default_rng(1))
    assert levels.sum() == matrix.nnz
    liked = pairs.copy()
    liked.data = levels.astype(np.float32)
    np.testing.assert_array_equal(liked.toarray() > 0, matrix.toarray() > 0)
    assert matrix.nnz < len(levels) <= 3 * matrix.nnz


@pytest.mark.parametrize("list_length", [0, 4])
def test_loss_equals_the_likelihood(list_length):
    n_bits, matrix = 9, ratings(np.random.default_rng(2))
    data_term, states = begin(matrix, n_bits, list_length=list_length)
    scores = (2.0 / n_bits * states["user"].real() @ states["item"].real().T)[matrix.nonzero()]
    expected = 0.0
    for a, b in zip(data_term._lists.indptr[:-1], data_term._lists.indptr[1:], strict=True):
        s = scores[data_term._lists.order[a:b]]
        expected += sum(-s[j] + np.log(np.exp(s[j:]).sum()) for j in range(len(s)))
    assert data_term.loss(states) == pytest.approx(expected)


@pytest.mark.parametrize("n_bits", [4, 16, 40])
@pytest.mark.parametrize("list_length", [2, 5, 0])
@pytest.mark.parametrize("alpha", [0.0, 0.05])
@pytest.mark.parametrize("highest", [5, 1])
def test_objective_never_rises_on_fixed_lists(n_bits, list_length, alpha, highest):
    """Both sides, all rows at once; ``highest`` 1 is implicit feedback with drawn items."""
    rng = np.random.default_rng(n_bits)
    matrix = ratings(rng, highest=highest)
    data_term, states = begin(matrix, n_bits, list_length=list_length, sharpness=1.0)
    before = data_term.loss(states)
    linear_terms = [BalanceLinearTerm(side, alpha, states, rng) for side in data_term.sides]
    history = alternate(data_term, linear_terms, states, rounds=8, sweeps=20)
    values = np.array([row["objective"] for row in history])
    assert (np.diff(values) <= 1e-9 * np.abs(values).max()).all()
    assert list_length == 0 or data_term.loss(states) < before


def test_rounds_have_lists_of_their_own():
    data_term, states = begin(ratings(np.random.default_rng(0)), 8, fixed=False)
    first = data_term._lists.order
    data_term.refresh("item", states)
    assert data_term._lists.order is first
    data_term.refresh("user", states)
    assert (data_term._lists.order != first).any()


def test_codes_depend_on_neither_threads_nor_level(simd_level):
    """Real weights: entries are added in order, so nothing is rounded differently."""
    matrix = ratings(np.random.default_rng(1), 60, 40)
    found = []
    for num_threads in (1, 2, 3):
        data_term, states = begin(matrix, 20, fixed=False)
        alternate(data_term, [], states, rounds=3, sweeps=50, num_threads=num_threads)
        found.append(states)
    _core.set_simd_level("scalar")
    data_term, states = begin(matrix, 20, fixed=False)
    alternate(data_term, [], states, rounds=3, sweeps=50)
    for other in (*found[1:], states):
        for side in ("user", "item"):
            np.testing.assert_array_equal(found[0][side].values, other[side].values)


def test_implicit_feedback_is_learnt():
    rows, columns = np.indices((60, 60))
    likes = (rows + columns) % 2 == 0
    seen = likes & (np.random.default_rng(0).random((60, 60)) < 0.5)
    matrix = sp.csr_matrix(seen.astype(np.float32))
    model = hf.create("dlcf", n_bits=32, random_state=0).fit(matrix, show_progress=False)
    ids, _ = model.recommend(np.arange(60), N=5)
    assert np.take_along_axis(likes, ids, axis=1).mean() > 0.95
    assert (
        np.diff(hf.hamming_matrix(model.encode_users(matrix[:2]), model.item_codes_)) != 0
    ).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sharpness": 0.0}, "sharpness must be positive, got 0"),
        ({"list_length": -1}, "must not be below zero, got -1"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        begin(ratings(np.random.default_rng(0)), 8, **settings)
