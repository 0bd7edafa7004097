# SPDX-License-Identifier: Apache-2.0
import functools

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast import _core
from hashrec_fast.solvers.factors import csr_parts
from hashrec_fast.solvers.state import SignState
from hashrec_fast.testing import reference_pairwise as reference


def likes(rng, n_users, n_items, density=0.15):
    """Random positives with an empty user, one who likes everything, and an item of nobody."""
    matrix = rng.random((n_users, n_items)) < density
    matrix[0] = False
    matrix[:, -1] = False
    matrix[1] = True
    return matrix


def weights_of(liked):
    positives = liked.sum(axis=1).astype(np.float64)
    pairs = positives * (liked.shape[1] - positives)
    return np.divide(1.0, pairs, out=np.zeros(len(pairs)), where=pairs > 0)


def problem(n_bits, rng, *, n_users=21, n_items=34, linear="none"):
    liked = likes(rng, n_users, n_items)
    users, items = (SignState.random(n, n_bits, rng) for n in liked.shape)
    width = users.values.shape[1]
    options = [{}, {}]
    for side, n in enumerate(liked.shape):
        if linear in ("rows", "both"):
            options[side]["row_linear"] = rng.standard_normal((n, width)) * n_bits / 4
        if linear in ("delegate", "both"):
            root = rng.standard_normal((width, width)) / np.sqrt(width)
            options[side]["delegate_matrix"] = root @ root.T
            options[side]["delegate_mean"] = rng.standard_normal(width) / 4
    return liked, users, items, options


def user_arguments(liked, items, n_bits, margin):
    lists = csr_parts(sp.csr_matrix(liked.astype(np.float32)))
    positional = (n_bits, items.values, *lists, weights_of(liked), margin)
    named = {
        "other_codes": items.codes(),
        "item_gram": items.gram(),
        "item_total": items.total(),
    }
    return positional, named


def item_arguments(liked, users, items, n_bits, margin):
    lists = csr_parts(sp.csr_matrix(liked.T.astype(np.float32)))
    own_score = ((users.real() @ items.real().T) * liked).sum(axis=1)
    positional = (n_bits, users.values, *lists, weights_of(liked), margin)
    named = {
        "positives": liked.sum(axis=1).astype(np.float64),
        "own_score": own_score,
        "item_total": items.total(),
        "n_items": liked.shape[1],
    }
    return positional, named


BITS = [1, 5, 8, 33, 64, 65, 100]


@functools.cache
def expected_users(n_bits, linear):
    rng = np.random.default_rng(n_bits)
    liked, users, items, options = problem(n_bits, rng, linear=linear)
    positional, named = user_arguments(liked, items, n_bits, n_bits * 0.77)
    expected = users.values.copy()
    changed = reference.user_pass(expected, *positional, **named, **options[0])
    return users, positional, named | options[0], expected, changed


@pytest.mark.parametrize("n_bits", BITS)
@pytest.mark.parametrize("linear", ["none", "both"])
def test_user_pass_equals_twin(simd_level, n_bits, linear):
    users, positional, named, expected, changed = expected_users(n_bits, linear)
    for num_threads in (1, 2, 3):
        values = users.values.copy()
        got = _core.pairwise_user_pass(values, *positional, **named, num_threads=num_threads)
        np.testing.assert_array_equal(values, expected)
        assert got == changed
        assert changed > 0 or n_bits == 1


@functools.cache
def expected_items(n_bits, linear, sequential, n_users=21):
    rng = np.random.default_rng(n_bits)
    liked, users, items, options = problem(n_bits, rng, linear=linear, n_users=n_users)
    positional, named = item_arguments(liked, users, items, n_bits, n_bits * 0.77)
    named |= options[1] | {"sequential": sequential}
    expected, sums = items.values.copy(), copied(named)
    changed = reference.item_pass(expected, *positional, **sums)
    return liked, users, items, positional, named, expected, sums, changed


def copied(named):
    """The arguments with their own running sums, which a pass may change."""
    return named | {key: named[key].copy() for key in ("own_score", "item_total")}


@pytest.mark.parametrize("n_bits", BITS)
@pytest.mark.parametrize("linear", ["none", "both"])
@pytest.mark.parametrize("sequential", [True, False])
def test_item_pass_equals_twin(simd_level, n_bits, linear, sequential):
    _, _, items, positional, named, expected, sums, changed = expected_items(
        n_bits, linear, sequential
    )
    for num_threads in (1, 2, 3):
        values, own = items.values.copy(), copied(named)
        got = _core.pairwise_item_pass(values, *positional, **own, num_threads=num_threads)
        np.testing.assert_array_equal(values, expected)
        for key in ("own_score", "item_total"):
            np.testing.assert_array_equal(own[key], sums[key])
        assert got == changed
        assert changed > 0 or n_bits == 1


def test_many_users_are_summed_in_chunks(simd_level):
    """More users than one chunk: the partial sums are added in order for any thread count."""
    _, _, items, positional, named, expected, _, _ = expected_items(8, "none", True, 2500)
    for num_threads in (1, 2, 3):
        values, own = items.values.copy(), copied(named)
        _core.pairwise_item_pass(values, *positional, **own, num_threads=num_threads)
        np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("sequential", [True, False])
def test_running_sums_describe_the_codes(sequential):
    """After a sequential pass they belong to the new codes, else they are left alone."""
    liked, users, items, positional, named, _, _, _ = expected_items(33, "none", sequential)
    values, own = items.values.copy(), copied(named)
    _core.pairwise_item_pass(values, *positional, **own)
    state = SignState(values, 33) if sequential else items
    scores = users.real() @ state.real().T
    np.testing.assert_array_equal(own["own_score"], (scores * liked).sum(axis=1))
    np.testing.assert_array_equal(own["item_total"], state.total())


def objective_of_row(liked, users, items, margin):
    return reference.brute_loss(users, items, liked, weights_of(liked), margin)


def test_user_terms_are_the_loss():
    """x'Ax - 2g'x differs from the sum over pairs by the same constant for every code."""
    rng = np.random.default_rng(3)
    n_bits, margin = 6, 4.5
    liked, _, items, _ = problem(n_bits, rng)
    codes = items.real()[:, :n_bits]
    weight = weights_of(liked)[4]
    quad, linear = reference.user_terms(codes[liked[4]], codes, weight, margin)
    for _ in range(10):
        x = rng.choice([-1.0, 1.0], n_bits)
        expected = reference.brute_loss(x[None], codes, liked[4:5], np.array([weight]), margin)
        assert x @ quad @ x - 2 * linear @ x + margin**2 == pytest.approx(expected)


def test_item_terms_are_the_loss():
    """A move of one item row changes the sum over pairs by the row objective's change."""
    rng = np.random.default_rng(4)
    n_bits, margin = 5, 3.5
    liked, users, items, _ = problem(n_bits, rng)
    b, d = users.real()[:, :n_bits], items.real()[:, :n_bits]
    weight, positives = weights_of(liked), liked.sum(axis=1).astype(np.float64)
    n_items = len(d)
    for i in (0, 5, n_items - 1):
        own = ((b @ d.T) * liked).sum(axis=1)
        quad, linear = reference.user_sums(b, weight, positives, own, margin)
        for u in np.flatnonzero(liked[:, i]):
            quad = quad + weight[u] * (n_items - 2 * positives[u]) * np.outer(b[u], b[u])
            seen = b[u] @ d.sum(axis=0) - 2 * own[u] + n_items * margin
            linear = linear + weight[u] * seen * b[u]
        # A and g describe the row at its present code: others' sums contain the row itself.
        moved = d.copy()
        moved[i] = rng.choice([-1.0, 1.0], n_bits)
        before, after = (objective_of_row(liked, b, rows, margin) for rows in (d, moved))

        def value(x, quad=quad, linear=linear):
            return x @ quad @ x - 2 * linear @ x

        assert value(moved[i]) - value(d[i]) == pytest.approx(after - before)


@pytest.mark.parametrize("n_bits", [4, 16, 40])
def test_sequential_passes_never_raise_the_loss(n_bits):
    rng = np.random.default_rng(n_bits)
    liked, users, items, _ = problem(n_bits, rng, n_users=30, n_items=25)
    margin = float(n_bits)
    values = [objective_of_row(liked, users.real(), items.real(), margin)]
    for _ in range(4):
        positional, named = user_arguments(liked, items, n_bits, margin)
        _core.pairwise_user_pass(users.values, *positional, **named)
        values.append(objective_of_row(liked, users.real(), items.real(), margin))
        positional, named = item_arguments(liked, users, items, n_bits, margin)
        _core.pairwise_item_pass(items.values, *positional, **named)
        values.append(objective_of_row(liked, users.real(), items.real(), margin))
    assert (np.diff(values) <= 1e-6 * values[0]).all()
    assert values[-1] < 0.9 * values[0]


def test_rows_without_pairs_stay():
    rng = np.random.default_rng(0)
    liked, users, items, _ = problem(16, rng)
    before = users.values.copy()
    positional, named = user_arguments(liked, items, 16, 16.0)
    _core.pairwise_user_pass(users.values, *positional, **named)
    np.testing.assert_array_equal(users.values[:2], before[:2])
    assert (users.values != before).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": np.zeros((3, 8), np.int16)}, "state must hold signs .* got 0 in row 0"),
        ({"state": np.full((3, 8), 256, np.int16)}, "beyond n_bits.*got 256"),
        ({"indices": np.array([4, 1], np.int32)}, "strictly ascending"),
        ({"indices": np.array([0, 9], np.int32)}, "wanted 0..4"),
        ({"pair_weight": np.zeros(2)}, r"pair_weight must be float64 \(3\)"),
        ({"n_bits": 0}, "n_bits must be at least 1"),
    ],
)
def test_bad_arguments_raise(change, message):
    state = SignState.random(3, 7, np.random.default_rng(0)).values
    items = SignState.random(5, 7, np.random.default_rng(0))
    arguments = {
        "state": state,
        "n_bits": 7,
        "other_state": items.values,
        "indptr": np.array([0, 2, 2, 2], np.int64),
        "indices": np.array([0, 1], np.int32),
        "pair_weight": np.ones(3),
        "margin": 7.0,
        "other_codes": items.codes(),
        "item_gram": items.gram(),
        "item_total": items.total(),
    } | change
    with pytest.raises(ValueError, match=message):
        _core.pairwise_user_pass(**arguments)
