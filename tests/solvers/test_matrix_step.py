# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from hashrec_fast.solvers.matrix_step import closed_form, matrix_values, sign_step, step_with


def problem(seed, n=25):
    """``M`` and ``G`` of rows fitted to the codes of the other side, as in an alternation."""
    rng = np.random.default_rng(seed)
    f = int(rng.integers(2, 17))
    d = rng.choice([-1.0, 1.0], (int(rng.integers(f, 60)), f))
    targets = f * rng.standard_normal((n, len(d)))
    return rng.choice([-1.0, 1.0], (n, f)), d.T @ d, targets @ d


@pytest.mark.parametrize("bound", ["eigen", "rows"])
def test_no_row_ever_rises(bound):
    for seed in range(200):
        signs, quad, linear = problem(seed)
        before = matrix_values(signs, quad, linear)
        for _ in range(20):
            signs = sign_step(signs, quad, linear, bound=bound)
            after = matrix_values(signs, quad, linear)
            assert (after <= before + 1e-9 * (1 + np.abs(before))).all()
            before = after


def test_too_small_a_bound_does_rise():
    rises = 0
    for seed in range(200):
        signs, quad, linear = problem(seed)
        limit = np.full(len(quad), np.linalg.eigvalsh(quad)[-1] / 4)
        before = matrix_values(signs, quad, linear).sum()
        for _ in range(20):
            signs = step_with(signs, quad, linear, limit)
            after = matrix_values(signs, quad, linear).sum()
            rises += after > before + 1e-6 * abs(before)
            before = after
    assert rises > 20


def test_a_tie_keeps_the_bit_and_values_are_plain_sums():
    signs = np.array([[1.0, -1.0]])
    np.testing.assert_array_equal(sign_step(signs, np.eye(2), np.zeros((1, 2))), signs)
    signs, quad, linear = problem(3)
    expected = [b @ quad @ b - 2 * b @ g for b, g in zip(signs, linear, strict=True)]
    np.testing.assert_allclose(matrix_values(signs, quad, linear), expected)
    with pytest.raises(ValueError, match="bound must be"):
        sign_step(signs, quad, linear, bound="guess")


def test_closed_form_rounds_least_squares():
    _, quad, linear = problem(5)
    expected = np.where(np.linalg.solve(quad, linear.T).T >= 0, 1.0, -1.0)
    np.testing.assert_array_equal(closed_form(quad, linear), expected)


def test_bit_flips_end_lower():
    """What the kernel is for: a start. Coordinate descent from its end finds more."""
    pytest.importorskip("torch")
    from hashrec_fast.training.flip_descent import polish_quadratic

    better = worse = 0
    for seed in range(50):
        signs, quad, linear = problem(seed)
        for _ in range(50):
            signs = sign_step(signs, quad, linear)
        polished = polish_quadratic(quad, linear, signs).astype(float)
        before = matrix_values(signs, quad, linear).sum()
        after = matrix_values(polished, quad, linear).sum()
        better += after < before - 1e-6 * abs(before)
        worse += after > before + 1e-6 * abs(before)
    assert worse == 0
    assert better > 25
