# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from scipy import stats

from hashrec_fast.evaluation import paired_test


def test_t_equals_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.random(50), rng.random(50)
    got, wanted = paired_test(a, b, method="t"), stats.ttest_rel(a, b)
    assert got.p_value == pytest.approx(wanted.pvalue)
    interval = wanted.confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx((interval.low, interval.high))


def test_bootstrap_agrees_with_t_for_many_users():
    rng = np.random.default_rng(1)
    a = rng.random(500)
    b = a + rng.normal(0.01, 0.1, 500)
    t, boot = paired_test(a, b, method="t"), paired_test(a, b, n_resamples=5000)
    assert boot.mean_difference == t.mean_difference
    assert boot.p_value == pytest.approx(t.p_value, abs=0.02)
    assert (boot.low, boot.high) == pytest.approx((t.low, t.high), abs=0.001)


@pytest.mark.parametrize("method", ["bootstrap", "t"])
def test_equal_and_constant_differences(method):
    a = np.linspace(0, 1, 9)
    assert paired_test(a, a, method=method).p_value == 1
    assert paired_test(a + 0.5, a, method=method).p_value < 0.01


def test_users_without_held_out_items_are_left_out():
    a = np.array([0.1, np.nan, 0.4, 0.3])
    assert paired_test(a, a / 2).n_users == 3
    with pytest.raises(ValueError, match="user 1 has a value in one array"):
        paired_test(a, np.ones(4))


def test_errors():
    with pytest.raises(ValueError, match="one value for each user"):
        paired_test([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="at least two users"):
        paired_test([1], [1])
    with pytest.raises(ValueError, match="method must be"):
        paired_test([1, 2], [1, 2], method="sign")
    with pytest.raises(ValueError, match="confidence"):
        paired_test([1, 2], [1, 2], confidence=1)
    with pytest.raises(ValueError, match="n_resamples must be at least 100"):
        paired_test([1, 2], [1, 2], n_resamples=10)
