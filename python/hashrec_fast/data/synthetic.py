# SPDX-License-Identifier: Apache-2.0
"""Planted interactions: low-rank tastes, a popularity tail, users of unequal activity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from hashrec_fast._utils import check_int, check_random_state
from hashrec_fast.data.interactions import Dataset

_CELLS = 1 << 21  # scores held at a time: a block of users times their candidates
_EXACT = 8192  # up to so many items every user looks at all of them
_CANDIDATES = 1024  # else at so many
_SIGNAL = 2.5  # standard deviation of the tastes; that of the Gumbel noise is 1.28 * noise
_ACTIVITY = 0.7  # sigma of the log-normal number of interactions
_START, _YEAR = 1_700_000_000, 31_536_000


def generate(
    n_users: int = 2000,
    n_items: int = 3000,
    *,
    n_factors: int = 16,
    mean_interactions: float = 40.0,
    popularity_exponent: float = 0.8,
    noise: float = 1.0,
    n_features: int = 32,
    with_ratings: bool = False,
    with_timestamps: bool = False,
    random_state: int | np.random.Generator | None = 0,
) -> Dataset:
    """Generate a data set in which tastes can be learnt and popularity alone falls short.

    Factors of users and items are normal; user u likes item i by
    ``s_ui = 2.5 * <p_u, q_i> / sqrt(n_factors)``. The item of rank r has weight
    ``r ** -popularity_exponent``, ranks being dealt at random. User u takes the n_u items highest
    in ``s_ui + log(weight_i) + noise * Gumbel`` (with noise 1 this draws without replacement from
    the softmax), n_u being log-normal with the given mean. With more than 8192 items a user
    chooses among 1024 drawn by weight (more where the most active user needs them), so that
    neither time nor memory grows with users times items.

    Parameters
    ----------
    n_users, n_items, n_factors : int
    mean_interactions : float
        Interactions per user, on average and before the bounds: at least 1 and at most half the
        items (or candidates).
    popularity_exponent : float
        0 gives items of equal weight.
    noise : float
        Scale of the noise in each choice; 0 leaves none.
    n_features : int
        Binary columns of ``item_features`` and ``user_features``: the signs of random
        projections of the factors, each flipped with probability 0.1. 0 gives none.
    with_ratings : bool
        Ratings 1 to 5: fifths of all taken ``s_ui`` after noise.
    with_timestamps : bool
        Times in one year, independent of the tastes.
    random_state : int, Generator or None
        The same seed gives the same data with the same numpy and BLAS.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        A count is below 1 (``n_features`` below 0), or a parameter is negative or not finite.

    Examples
    --------
    >>> generate(50, 80, mean_interactions=8, random_state=0).user_items.shape
    (50, 80)
    """
    for name, value in (("n_users", n_users), ("n_items", n_items), ("n_factors", n_factors)):
        check_int(value, name, minimum=1)
    check_int(n_features, "n_features", minimum=0)
    for name, number in (
        ("mean_interactions", mean_interactions),
        ("popularity_exponent", popularity_exponent),
        ("noise", noise),
    ):
        if not 0 <= number < np.inf:
            raise ValueError(f"{name} must be a finite number from 0, got {number}")
    rng = check_random_state(random_state)
    scale = np.float32(_SIGNAL / np.sqrt(n_factors))
    user_factors = rng.standard_normal((n_users, n_factors), dtype=np.float32) * scale
    item_factors = rng.standard_normal((n_items, n_factors), dtype=np.float32)
    weights = rng.permutation(np.arange(1.0, n_items + 1) ** -popularity_exponent)
    counts = _activity(rng, n_users, n_items, mean_interactions)
    if n_items <= max(_EXACT, 4 * int(counts.max())):
        items = _choose(rng, user_factors, item_factors, weights, counts, noise)
    else:
        items = _choose_among(rng, user_factors, item_factors, weights, counts, noise)
    users = np.repeat(np.arange(n_users, dtype=np.int64), counts)
    ratings = None
    if with_ratings:
        ratings = _rate(rng, user_factors, item_factors, users, items, noise)
    times = rng.integers(_START, _START + _YEAR, len(users)) if with_timestamps else None
    ds = Dataset.from_pairs(
        users, items, ratings, times, n_users=n_users, n_items=n_items, name="synthetic"
    )
    if not n_features:
        return ds
    planes = rng.standard_normal((n_factors, n_features), dtype=np.float32)
    return replace(
        ds,
        item_features=_features(rng, item_factors @ planes),
        user_features=_features(rng, user_factors @ planes),
    )


def _activity(
    rng: np.random.Generator, n_users: int, n_items: int, mean: float
) -> NDArray[np.int64]:
    # exp(mu + sigma^2 / 2) is the mean of a log-normal variable
    raw = mean * rng.lognormal(-0.5 * _ACTIVITY**2, _ACTIVITY, n_users)
    return np.clip(np.rint(raw), 1, max(1, n_items // 2)).astype(np.int64)


def _blocks(n_users: int, width: int) -> list[slice]:
    step = max(1, _CELLS // width)
    return [slice(low, min(low + step, n_users)) for low in range(0, n_users, step)]


def _top(scores: NDArray[np.float32], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the columns of the ``counts[i]`` highest scores of row i, rows one after another."""
    most = int(counts.max())
    found = np.argpartition(scores, scores.shape[1] - most, axis=1)[:, -most:]
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    ranked = np.take_along_axis(found, order, axis=1)
    return np.asarray(ranked[np.arange(most) < counts[:, None]])


def _gumbel(rng: np.random.Generator, shape: tuple[int, int], noise: float) -> NDArray[np.float32]:
    # -log of an exponential variable is Gumbel
    sample = rng.standard_exponential(shape, dtype=np.float32)
    np.log(np.maximum(sample, np.float32(1e-30), out=sample), out=sample)
    sample *= np.float32(-noise)
    return sample


def _choose(
    rng: np.random.Generator,
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    weights: NDArray[np.float64],
    counts: NDArray[np.int64],
    noise: float,
) -> NDArray[np.int64]:
    bias = np.log(weights).astype(np.float32)
    parts = []
    for block in _blocks(len(user_factors), len(weights)):
        scores = user_factors[block] @ item_factors.T + bias
        scores += _gumbel(rng, scores.shape, noise)
        parts.append(_top(scores, counts[block]))
    return np.concatenate(parts)


def _choose_among(
    rng: np.random.Generator,
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    weights: NDArray[np.float64],
    counts: NDArray[np.int64],
    noise: float,
) -> NDArray[np.int64]:
    """Choose among candidates drawn by weight: log(times drawn) stands for log(weight)."""
    bounds = np.cumsum(weights)
    bounds /= bounds[-1]
    n_drawn = max(_CANDIDATES, 4 * int(counts.max()))
    logs = np.log(np.arange(1, n_drawn + 1, dtype=np.float32))
    parts = []
    for block in _blocks(len(user_factors), n_drawn):
        size = len(counts[block])
        chance = rng.random((size, n_drawn))
        chance.sort(axis=1)
        drawn = np.minimum(np.searchsorted(bounds, chance, side="right"), len(weights) - 1)
        scores = np.einsum("uf,ucf->uc", user_factors[block], item_factors[drawn], optimize=True)
        scores += _gumbel(rng, scores.shape, noise)
        first = np.ones(drawn.shape, np.bool_)  # each candidate counts once, however often drawn
        first[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
        places = np.flatnonzero(first)
        scores.ravel()[places] += logs[np.diff(places, append=first.size) - 1]
        scores[~first] = -np.inf
        n_distinct = first.sum(axis=1)
        np.minimum(counts[block], n_distinct, out=counts[block])
        columns = _top(scores, counts[block])
        rows = np.repeat(np.arange(size), counts[block])
        parts.append(drawn[rows, columns])
    return np.concatenate(parts)


def _rate(
    rng: np.random.Generator,
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    users: NDArray[np.int64],
    items: NDArray[np.int64],
    noise: float,
) -> NDArray[np.float32]:
    liking = np.empty(len(users), np.float32)
    for low in range(0, len(users), _CELLS // 16):
        part = slice(low, low + _CELLS // 16)
        liking[part] = np.einsum("kf,kf->k", user_factors[users[part]], item_factors[items[part]])
    liking += noise * rng.standard_normal(len(users), dtype=np.float32)
    fifths = np.quantile(liking, [0.2, 0.4, 0.6, 0.8])
    return (1 + np.searchsorted(fifths, liking)).astype(np.float32)


def _features(rng: np.random.Generator, projected: NDArray[Any]) -> Any:
    flipped = rng.random(projected.shape) < 0.1
    return csr_matrix(((projected > 0) ^ flipped).astype(np.float32))
