# SPDX-License-Identifier: Apache-2.0
"""Bounds hold everywhere, touch where they are expanded, and their descent lowers the loss."""

from itertools import pairwise

import numpy as np
import pytest

from hashrec_fast.solvers.majorisers import logistic_weight, pair_entropy_tables, plackett_luce


def logistic(s, r):
    return np.logaddexp(0.0, -r * s)


@pytest.mark.parametrize("label", [-1.0, 1.0])
def test_logistic_bound(label):
    rng = np.random.default_rng(0)
    at, anywhere = rng.normal(0, 5, 500), rng.normal(0, 8, 500)
    at[:3] = 0.0, 1e-9, -1e-5
    weight = logistic_weight(at)
    constant = logistic(at, label) - weight * at**2 + label * at / 2

    def bound(s):
        return weight * s**2 - label * s / 2 + constant

    assert (bound(anywhere) >= logistic(anywhere, label) - 1e-12).all()
    np.testing.assert_allclose(bound(at), logistic(at, label))
    assert weight[0] == weight[1] == 0.125


@pytest.mark.parametrize("n_bits", [1, 8, 33])
@pytest.mark.parametrize("scale", [0.05, 0.4, 2.0])
def test_pair_entropy_bound(n_bits, scale):
    loss, weight, slope = pair_entropy_tables(n_bits, scale)
    o = 2 * scale * np.arange(-n_bits, n_bits + 1)
    for label in range(3):
        np.testing.assert_allclose(loss[label], np.logaddexp(0, o) - label / 2 * o)
        for at in range(len(o)):
            w, m = weight[label, at], slope[label, at]
            bound = loss[label, at] + w * (o**2 - o[at] ** 2) + m * (o - o[at])
            assert (bound >= loss[label] - 1e-12).all()
    units = weight * 2.0**20
    np.testing.assert_array_equal(units, np.rint(units))  # exact in sums


def test_pair_entropy_is_symmetric():
    """Swapping the elements of a pair and its label changes nothing but the slope's sign."""
    loss, weight, slope = pair_entropy_tables(9, 0.3)
    np.testing.assert_allclose(loss, loss[::-1, ::-1])
    np.testing.assert_array_equal(weight, weight[::-1, ::-1])
    np.testing.assert_allclose(slope, -slope[::-1, ::-1], atol=1e-15)


def test_self_paced_pairs_above_the_limit_are_left_out():
    loss, weight, slope = pair_entropy_tables(8, 0.5, limit=0.4)
    np.testing.assert_array_equal(weight > 0, loss < 0.4)
    assert (slope[loss >= 0.4] == 0).all()
    assert 0 < (weight > 0).sum() < weight.size


def brute_plackett_luce(s):
    return sum(-s[j] + np.log(np.exp(s[j:]).sum()) for j in range(len(s)))


def random_lists(rng, n_lists=40, longest=9, spread=2.0):
    lengths = rng.integers(0, longest + 1, n_lists)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return rng.normal(0, spread, indptr[-1]), indptr


def test_plackett_luce_loss_and_gradient():
    rng = np.random.default_rng(0)
    scores, indptr = random_lists(rng)
    loss, gradient, curvature = plackett_luce(scores, indptr)
    for i, (a, b) in enumerate(pairwise(indptr)):
        assert loss[i] == pytest.approx(brute_plackett_luce(scores[a:b]))
        for place in range(a, b):
            step = np.zeros(b - a)
            step[place - a] = 1e-5
            up, down = (brute_plackett_luce(scores[a:b] + sign * step) for sign in (1, -1))
            assert gradient[place] == pytest.approx((up - down) / 2e-5, abs=1e-6)
            assert curvature[place] == min(place - a + 1, b - a - 1) / 2


def excess_of_bound(rng, share):
    """Largest amount by which the loss passes a bound with ``share`` of the curvature."""
    worst = -np.inf
    for _ in range(60):
        scores, indptr = random_lists(rng)
        loss, gradient, curvature = plackett_luce(scores, indptr)
        # large moves of the best elements against the others are where curvature matters
        move = rng.normal(0, 0.5, len(scores)) + rng.choice([-3.0, 3.0], len(scores))
        lists = np.repeat(np.arange(len(loss)), np.diff(indptr))
        bound = loss + np.bincount(
            lists, gradient * move + share * curvature * move**2 / 2, minlength=len(loss)
        )
        worst = max(worst, (plackett_luce(scores + move, indptr)[0] - bound).max())
    return worst


def test_plackett_luce_bound():
    assert excess_of_bound(np.random.default_rng(1), 1.0) <= 1e-9


def test_a_quarter_per_term_is_no_bound():
    """The curvature that suffices for one logistic does not suffice for a log-sum-exp."""
    at = np.array([0.0, 0.0])
    loss, gradient, curvature = plackett_luce(at, np.array([0, 2]))
    move = np.array([0.1, -0.1])
    reached = plackett_luce(at + move, np.array([0, 2]))[0]
    assert reached <= loss + gradient @ move + curvature @ move**2 / 2
    assert reached > loss + gradient @ move + 0.5 * curvature @ move**2 / 2


def test_large_scores_do_not_overflow():
    scores = np.array([900.0, -900.0, 0.0, 800.0])
    loss, gradient, _ = plackett_luce(scores, np.array([0, 4]))
    assert np.isfinite(loss).all()
    assert np.isfinite(gradient).all()
    assert loss[0] == pytest.approx(0 + 1700 + 800 + 0)


def test_short_lists_say_nothing():
    loss, gradient, curvature = plackett_luce(np.array([3.0]), np.array([0, 0, 1]))
    np.testing.assert_array_equal(loss, 0)
    np.testing.assert_array_equal(gradient, 0)
    np.testing.assert_array_equal(curvature, 0)
    assert len(plackett_luce(np.array([]), np.array([0]))[0]) == 0
