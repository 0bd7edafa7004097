# SPDX-License-Identifier: Apache-2.0
"""Solvers of real factors against dense twins that treat one row at a time."""

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.losses import L2, MSE, Balance, NormTarget, TraceAgreement
from hashrec_fast.solvers import PPHALS, BoxALS, OrthogonalFactors, RatingALS
from hashrec_fast.solvers.box_als import best_column, descend_in_box
from hashrec_fast.solvers.observed import by_side, normal_equations, observed_scores
from hashrec_fast.solvers.orthogonal_factors import polar
from hashrec_fast.solvers.pph_als import newton_rows
from hashrec_fast.testing import reference_two_stage as plain

TERMS = {
    RatingALS: Terms((MSE(), L2(weight=0.1))),
    BoxALS: Terms((MSE(), Balance(weight=0.01), L2(weight=0.012))),
    PPHALS: Terms((MSE(), NormTarget(weight=0.5))),
    OrthogonalFactors: Terms((TraceAgreement(),)),
}


def ratings(rng, n=24, m=17, density=0.4):
    matrix = sp.random(n, m, density, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float32)
    matrix = matrix.tolil()
    matrix[3] = 0
    matrix[:, 5] = 0
    return sp.csr_matrix(matrix.tocsr(), dtype=np.float32)


def dense(pattern, values):
    out = np.full(pattern.shape, np.nan)
    out[np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr)), pattern.indices] = values
    return out


def context(n_bits, seed=0, **options):
    return FitContext(n_bits, np.random.default_rng(seed), **options)


def objectives(fitted):
    return [row["objective"] for row in fitted.history]


def test_normal_equations_are_a_row_s_own_affair(rng):
    matrix = ratings(rng)
    other = rng.standard_normal((17, 4))
    targets = rng.standard_normal(matrix.nnz)
    table, met = dense(matrix, targets), []
    for block in normal_equations(matrix, targets, other):
        for row, gram, linear in zip(block.rows, block.gram, block.linear, strict=True):
            seen = ~np.isnan(table[row])
            np.testing.assert_allclose(gram, other[seen].T @ other[seen], atol=1e-12)
            np.testing.assert_allclose(linear, table[row, seen] @ other[seen], atol=1e-12)
            met.append(row)
            values = targets[matrix.indptr[row] : matrix.indptr[row + 1]]
            (alone,) = normal_equations(matrix[row], values, other)
            np.testing.assert_array_equal(alone.gram[0], gram)
            np.testing.assert_array_equal(alone.linear[0], linear)
    assert sorted(met) == list(range(24))
    users = rng.standard_normal((24, 4))
    scores = dense(matrix, observed_scores(matrix, users, other))
    wanted = np.where(np.isnan(table), np.nan, users @ other.T)
    np.testing.assert_allclose(scores, wanted)
    turned = by_side(matrix, targets)[1]
    np.testing.assert_array_equal(dense(*turned), table.T)


@pytest.mark.parametrize("per_rating", [True, False])
def test_rating_als_ends_where_both_sides_are_ridge_solutions(per_rating, rng):
    matrix = ratings(rng)
    solver = RatingALS(rounds=60, per_rating=per_rating)
    fitted = solver.solve(matrix, TERMS[RatingALS], None, context(5))
    table = dense(matrix, matrix.data)
    for rows, own, other, side in (
        (table, fitted.user, fitted.item, "user"),
        (table.T, fitted.item, fitted.user, "item"),
    ):
        count = (~np.isnan(rows)).sum(axis=1) if per_rating else np.ones(len(rows))
        twin = plain.ridge_side(rows, other.astype(np.float64), np.maximum(0.1 * count, 1e-3))
        np.testing.assert_allclose(own, twin, atol=2e-2)
        new = matrix if side == "user" else matrix.T.tocsr()
        folded = solver.fold_in(new, side, fitted, TERMS[RatingALS], context(5))
        np.testing.assert_allclose(folded, twin, atol=1e-3)
    assert (np.diff(objectives(fitted)) < 1e-3).all()


@pytest.mark.parametrize("balance", [0.0, 0.3, 50.0])
def test_a_column_is_solved_exactly(balance, rng):
    n = 9
    a, g = rng.uniform(0.1, 2, n), 2 * rng.standard_normal(n)
    targets = np.full((n, n), np.nan)
    np.fill_diagonal(targets, g / np.sqrt(a))
    rest, ridge = np.array([1.7]), np.zeros(n)
    wanted, _ = plain.box_side(targets, np.sqrt(a)[:, None], rest, balance, ridge)
    np.testing.assert_allclose(best_column(a, g, 1.7, balance), wanted[:, 0], atol=1e-5)


def test_box_descent_reaches_the_optimum_of_a_general_solver(rng):
    matrix = ratings(rng, 7, 6, 0.6)
    other = rng.uniform(-1, 1, (6, 3))
    targets = 2 * rng.standard_normal(matrix.nnz)
    ridge, rest = rng.uniform(0, 0.1, 7), np.array([2.0, -1.0, 0.3])
    wanted, least = plain.box_side(dense(matrix, targets), other, rest, 0.2, ridge)
    x = np.zeros((7, 3))
    gram, linear = np.zeros((7, 3, 3)), np.zeros((7, 3))
    for block in normal_equations(matrix, targets, other):
        gram[block.rows], linear[block.rows] = block.gram, block.linear
    values = []
    for _ in range(300):
        descend_in_box(x, gram, linear, ridge, rest, 0.2, 1)
        value = ((observed_scores(matrix, x, other) - targets) ** 2).sum()
        value += (ridge * (x**2).sum(axis=1)).sum() + 0.2 * ((rest + x.sum(axis=0)) ** 2).sum()
        values.append(value)
    assert (np.diff(values) <= 1e-12).all()
    assert values[-1] == pytest.approx(least, abs=1e-7)
    np.testing.assert_allclose(x, wanted, atol=1e-3)
    assert (np.abs(wanted) > 0.999).any()  # the box matters here


@pytest.mark.parametrize("per_rating", [True, False])
def test_box_als_never_rises_and_stays_inside(per_rating, rng):
    solver = BoxALS(rounds=30, tolerance=0.0, per_rating=per_rating)
    matrix = ratings(rng)
    fitted = solver.solve(matrix, TERMS[BoxALS], None, context(6))
    assert (np.diff(objectives(fitted)) <= 1e-12).all()
    assert max(np.abs(fitted.user).max(), np.abs(fitted.item).max()) <= 1
    folded = solver.fold_in(matrix, "user", fitted, TERMS[BoxALS], context(6))
    seen = matrix[7].indices
    count = len(seen) if per_rating else 1
    twin, _ = plain.box_side(
        np.where(matrix[7].toarray() > 0, (matrix[7].toarray() - 1) / 4 - 0.5, np.nan),
        fitted.item.astype(np.float64) / 12,
        np.zeros(6),
        0.0,
        np.array([0.01 + 0.002 * count]),
    )
    np.testing.assert_allclose(folded[7], twin[0], atol=1e-4)


def test_balance_balances(rng):
    matrix = ratings(rng)
    sums = []
    for weight in (0.0, 10.0):
        terms = Terms((MSE(), Balance(weight=weight)))
        fitted = BoxALS().solve(matrix, terms, None, context(6))
        sums.append(np.abs(fitted.user.sum(axis=0)).sum())
    assert sums[1] < 0.01 * sums[0]


def test_newton_finds_what_a_general_solver_finds(rng):
    y = rng.standard_normal((8, 10, 4))
    gram, linear = y.transpose(0, 2, 1) @ y, 3 * rng.standard_normal((8, 4))
    gram[0] *= 0.01  # little data: the norm term rules, and is not convex there
    start = rng.standard_normal((8, 4))
    values = []
    x = start
    for _ in range(60):
        x = newton_rows(x, gram, linear, 2.5, 0.7, 1)
        rows = zip(x, gram, linear, strict=True)
        values.append([plain.norm_target_value(*row, 2.5, 0.7) for row in rows])
    assert (np.diff(values, axis=0) <= 1e-9).all()
    for row in range(8):
        _, least = plain.norm_target_row(start[row], gram[row], linear[row], 2.5, 0.7)
        assert values[-1][row] <= least + 1e-5


def test_pph_pulls_norms_to_half_of_the_scale(rng):
    matrix = ratings(rng)
    spread = []
    for weight in (0.01, 100.0):
        terms = Terms((MSE(), NormTarget(weight=weight)))
        fitted = PPHALS(rounds=15).solve(matrix, terms, None, context(6))
        assert (np.diff(objectives(fitted)) <= 1e-9).all()
        spread.append(np.abs((fitted.user**2).sum(axis=1) - 2.5).max())
    assert spread[1] < 0.1 < spread[0]
    folded = PPHALS(rounds=30).fold_in(matrix, "user", fitted, terms, context(6))
    base = matrix.data.astype(float) - 2.5
    for block in normal_equations(matrix, base, fitted.item.astype(np.float64)):
        for row, gram, linear in zip(block.rows, block.gram, block.linear, strict=True):
            x = folded[row].astype(np.float64)
            gradient = gram @ x - linear + 200 * (x @ x - 2.5) * x
            assert np.abs(gradient).max() < 0.02 * max(1, np.abs(linear).max())


def test_orthogonal_factors_reach_the_singular_values(rng):
    matrix = ratings(rng)
    solver = OrthogonalFactors(rounds=300, noise=0.0)
    terms = TERMS[OrthogonalFactors]
    fitted = solver.solve(matrix, terms, None, context(6))
    np.testing.assert_allclose(fitted.user.T @ fitted.user, 24 * np.eye(6), atol=1e-4)
    np.testing.assert_allclose(fitted.item.T @ fitted.item, 17 * np.eye(6), atol=1e-4)
    unit = np.where(matrix.toarray() > 0, (matrix.toarray() - 1) / 4, 0)
    best = plain.orthogonal_agreement(unit, 6)
    reached = [row["agreement"] for row in fitted.history]
    assert (np.diff(reached) >= -1e-9).all()
    assert 0.97 * best < reached[-1] <= best + 1e-9
    folded = solver.fold_in(matrix.T.tocsr(), "item", fitted, terms, context(6))
    np.testing.assert_allclose(folded, fitted.item, atol=0.05)


def test_directions_of_noise_are_left_out(rng):
    """Two blocks: two directions, whatever the code length, and the rest is noise."""
    likes = np.add.outer(np.arange(60), np.arange(60)) % 2 == 0
    matrix = sp.csr_matrix(np.where(likes, 5.0, 1.0) * (rng.random((60, 60)) < 0.5))
    terms = TERMS[OrthogonalFactors]
    for noise, rank, near in ((0.0, 20, 0.2), (1.0, 2, 1e-4)):
        fitted = OrthogonalFactors(noise=noise).solve(matrix, terms, None, context(20))
        assert np.linalg.matrix_rank(fitted.user, tol=1e-3) == rank
        folded = OrthogonalFactors().fold_in(matrix, "user", fitted, terms, context(20))
        np.testing.assert_allclose(folded, fitted.user, atol=near)
    factor, root, trace = polar(np.zeros((4, 2)))
    assert trace == 0
    assert np.isfinite(factor).all()
    assert not root.any()


@pytest.mark.parametrize("solver", list(TERMS), ids=lambda part: part.__name__)
def test_same_factors_for_any_threads_and_all_equal_ratings(solver, rng):
    matrix = ratings(rng)
    first = solver().solve(matrix, TERMS[solver], None, context(7, num_threads=1))
    for threads in (2, 3):
        again = solver().solve(matrix, TERMS[solver], None, context(7, num_threads=threads))
        np.testing.assert_array_equal(first.user, again.user)
        np.testing.assert_array_equal(first.item, again.item)
    ones = sp.csr_matrix(matrix > 0, dtype=np.float32)
    for data in (ones, -3 * ones):
        fitted = solver().solve(data, TERMS[solver], None, context(7))
        assert np.isfinite(fitted.user).all()
        assert np.isfinite(fitted.item).all()
        empty = solver().fold_in(0 * data[:1], "user", fitted, TERMS[solver], context(7))
        assert empty.shape == (1, 7)
        assert empty.dtype == np.float32
    with pytest.raises(ValueError, match=f"{solver.__name__} has no use for a teacher"):
        solver().solve(matrix, TERMS[solver], object(), context(7))


@pytest.mark.parametrize("name", ["bccf", "ch", "pph", "nq"])
def test_models_keep_the_real_factors(name, rng, tmp_path):
    model = hf.create(name, n_bits=10, random_state=0).fit(ratings(rng), show_progress=False)
    arrays = model.fitted_.arrays
    width = 10 - model.recipe.strategy.quantizer.extra_bits(10)
    assert arrays["real_user"].shape == (24, width)
    state = {k[10:]: v for k, v in arrays.items() if k.startswith("quantizer_")}
    for side in ("user", "item"):
        codes = model.recipe.strategy.quantizer.codes(arrays[f"real_{side}"], side, state, 10)
        np.testing.assert_array_equal(codes, getattr(model.fitted_, side))
    model.save(tmp_path / "model")
    loaded = hf.load(tmp_path / "model")
    for key, array in arrays.items():
        np.testing.assert_array_equal(loaded.fitted_.arrays[key], array)
