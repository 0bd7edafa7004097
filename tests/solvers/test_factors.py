# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast import _core
from hashrec_fast.solvers.factors import ImplicitFactors, csr_parts, factor_topk, fold_in_factors


def random_pairs(rng, n_users=50, n_items=70, density=0.1):
    matrix = sp.random(n_users, n_items, density, format="csr", random_state=rng, dtype=np.float32)
    matrix.sort_indices()
    return matrix


@pytest.mark.parametrize("n_factors", [3, 16, 40, 80])
def test_fold_in_solves_the_ridge_system(simd_level, n_factors):
    rng = np.random.default_rng(n_factors)
    pairs = random_pairs(rng)
    items = rng.standard_normal((70, n_factors)).astype(np.float32) * 0.3
    alpha, reg = 8.0, 2.0
    got = fold_in_factors(pairs, items, alpha=alpha, reg=reg)
    gram = items.T.astype(np.float64) @ items
    for u in range(50):
        y = items[pairs[u].indices].astype(np.float64)
        a = gram + reg * np.eye(n_factors) + alpha * y.T @ y
        expected = np.linalg.solve(a, (1 + alpha) * y.sum(axis=0))
        np.testing.assert_allclose(got[u], expected, rtol=2e-3, atol=2e-4)


def test_factors_are_equal_on_every_level_and_thread_count(simd_level):
    def fit(num_threads):
        rng = np.random.default_rng(0)
        pairs = random_pairs(rng)
        model = ImplicitFactors(
            pairs, 20, alpha=10, reg=3, rng=np.random.default_rng(1), num_threads=num_threads
        )
        model.run(3)
        return model.user_factors, model.item_factors

    results = [fit(t) for t in (1, 2, 3)]
    _core.set_simd_level("scalar")
    results.append(fit(2))
    for users, items in results[1:]:
        np.testing.assert_array_equal(users, results[0][0])
        np.testing.assert_array_equal(items, results[0][1])


def test_implicit_loss_never_rises():
    rng = np.random.default_rng(0)
    pairs = random_pairs(rng)
    alpha, reg = 5.0, 1.0
    model = ImplicitFactors(pairs, 8, alpha=alpha, reg=reg, cg_steps=8, rng=rng)
    p = (pairs.toarray() != 0).astype(np.float64)

    def loss():
        x, y = model.user_factors.astype(np.float64), model.item_factors.astype(np.float64)
        errors = (1 + alpha * p) * (p - x @ y.T) ** 2
        return errors.sum() + reg * ((x**2).sum() + (y**2).sum())

    values = []
    for _ in range(6):
        model.run(1)
        values.append(loss())
    assert (np.diff(values) <= 1e-3 * values[0]).all()
    assert values[-1] < values[0]


def brute_topk(users, items, seen, k):
    scores = users.astype(np.int64) @ items.astype(np.int64).T
    ids = np.full((len(users), k), -1)
    for u in range(len(users)):
        order = np.lexsort((np.arange(len(items)), -scores[u]))
        order = order[~np.isin(order, seen[u].indices)][:k]
        ids[u, : len(order)] = order
    return ids


@pytest.mark.parametrize(("n_items", "k"), [(1, 1), (15, 4), (16, 20), (257, 10), (700, 50)])
@pytest.mark.parametrize("width", [2, 10, 32])
def test_topk_equals_brute_force(simd_level, n_items, k, width):
    rng = np.random.default_rng(n_items + width)
    users = rng.integers(-40, 40, (13, width)).astype(np.int16)
    items = rng.integers(-3, 3, (n_items, width)).astype(np.int16)  # many equal scores
    users[3] = 0  # every score equal
    seen = random_pairs(rng, 13, n_items, 0.2)
    for num_threads in (1, 2):
        got = _core.factor_topk(users, items, *csr_parts(seen), k, num_threads)
        np.testing.assert_array_equal(got, brute_topk(users, items, seen, k))


def test_largest_scores_fit(simd_level):
    """Factors at the quantiser's limit: sums reach 2^31 - 1 and must not wrap."""
    users = np.ones((2, 256), dtype=np.float32)
    items = np.vstack([np.ones(256), -np.ones(256), np.full(256, 0.5)]).astype(np.float32)
    empty = sp.csr_matrix((2, 3), dtype=np.float32)
    np.testing.assert_array_equal(factor_topk(users, items, empty, 3), [[0, 2, 1], [0, 2, 1]])


def test_quantised_lists_agree_with_float_lists():
    rng = np.random.default_rng(5)
    users = rng.standard_normal((30, 64)).astype(np.float32)
    items = rng.standard_normal((2000, 64)).astype(np.float32)
    empty = sp.csr_matrix((30, 2000), dtype=np.float32)
    got = factor_topk(users, items, empty, 50)
    best = np.argsort(-(users @ items.T), axis=1)[:, :50]
    agreement = np.mean([len(np.intersect1d(a, b)) / 50 for a, b in zip(got, best, strict=True)])
    assert agreement > 0.99
