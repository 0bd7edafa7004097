# SPDX-License-Identifier: Apache-2.0
"""Tests whether two methods differ by more than chance on the same users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from hashrec_fast._utils import check_int, check_random_state
from hashrec_fast.evaluation.rank_table import Floats

_DRAWS_AT_ONCE = 2**22


@dataclass(frozen=True)
class PairedResult:
    """Outcome of :func:`paired_test`; differences are ``first - second``."""

    mean_difference: float
    low: float
    """Lower end of the confidence interval of the mean difference."""
    high: float
    p_value: float
    """Two-sided, for the hypothesis of equal means."""
    n_users: int


def paired_test(
    first: ArrayLike,
    second: ArrayLike,
    *,
    method: Literal["bootstrap", "t"] = "bootstrap",
    confidence: float = 0.95,
    n_resamples: int = 2000,
    random_state: int | np.random.Generator | None = 0,
) -> PairedResult:
    """Compare two arrays of per-user metric values, paired by user.

    Users that are NaN in both arrays (nothing held out) are left out.

    Parameters
    ----------
    first, second : array_like of float, shape (n_users,)
        Values of the same metric for the same users, as from ``evaluate(..., per_user=True)``.
    method : {"bootstrap", "t"}
        ``"bootstrap"`` resamples users: percentile interval, and a p-value from resampled
        differences centred at zero, ``(1 + #{|d*| >= |d|}) / (1 + n_resamples)``. ``"t"`` is
        Student's paired test.
    confidence : float
        Level of the interval, between 0 and 1.
    n_resamples : int
        Bootstrap resamples, at least 100.
    random_state : int, numpy.random.Generator or None
        Seed of the bootstrap.

    Returns
    -------
    PairedResult
        Mean difference, its interval and the p-value.

    Raises
    ------
    ValueError
        If the shapes differ, a user is NaN in one array only, or fewer than two users are left.

    Examples
    --------
    >>> result = paired_test([0.5, 0.7, 0.9, 0.4], [0.4, 0.5, 0.8, 0.2])
    >>> round(result.mean_difference, 3), result.low > 0
    (0.15, True)
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"both arrays must have one value for each user, got {a.shape}, {b.shape}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be between 0 and 1, got {confidence}")
    if method not in ("bootstrap", "t"):
        raise ValueError(f"method must be 'bootstrap' or 't', got {method!r}")
    one_sided = np.isnan(a) != np.isnan(b)
    if one_sided.any():
        raise ValueError(
            f"user {int(np.flatnonzero(one_sided)[0])} has a value in one array and is NaN in "
            "the other"
        )
    differences = (a - b)[~np.isnan(a)]
    if len(differences) < 2:
        raise ValueError(f"a paired test needs at least two users, got {len(differences)}")
    if method == "t":
        return _student(differences, confidence)
    n_resamples = check_int(n_resamples, "n_resamples", minimum=100)
    return _bootstrap(differences, confidence, n_resamples, check_random_state(random_state))


def _student(differences: Floats, confidence: float) -> PairedResult:
    from scipy import stats  # noqa: PLC0415  (half a second that the bootstrap does not need)

    n, mean = len(differences), float(differences.mean())
    error = float(differences.std(ddof=1)) / n**0.5
    half = float(stats.t.ppf((1.0 + confidence) / 2.0, n - 1)) * error
    if error == 0.0:
        p_value = 1.0 if mean == 0.0 else 0.0
    else:
        p_value = float(2.0 * stats.t.sf(abs(mean) / error, n - 1))
    return PairedResult(mean, mean - half, mean + half, p_value, n)


def _bootstrap(
    differences: Floats, confidence: float, n_resamples: int, rng: np.random.Generator
) -> PairedResult:
    n, mean = len(differences), float(differences.mean())
    means = np.empty(n_resamples)
    step = max(1, _DRAWS_AT_ONCE // n)
    for start in range(0, n_resamples, step):
        rows = min(step, n_resamples - start)
        means[start : start + rows] = differences[rng.integers(0, n, (rows, n))].mean(axis=1)
    low, high = np.quantile(means, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    # Rounding must not turn equal numbers into unequal ones, as with constant differences.
    slack = 1e-12 * float(np.abs(differences).max())
    n_extreme = int((np.abs(means - mean) >= abs(mean) - slack).sum())
    p_value = (1 + n_extreme) / (1 + n_resamples)
    return PairedResult(mean, float(low), float(high), p_value, n)
