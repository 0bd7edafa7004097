# SPDX-License-Identifier: Apache-2.0
"""Evaluation of a recommender on held-out interactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from hashrec_fast._utils import check_int, check_random_state
from hashrec_fast.evaluation.adapt_model import make_scorer
from hashrec_fast.evaluation.candidates import rank_own, rank_sampled
from hashrec_fast.evaluation.interactions import (
    as_user_items,
    check_disjoint,
    row_lists,
    row_of_entry,
    union_of_rows,
)
from hashrec_fast.evaluation.metric_names import GRADED, parse_metric
from hashrec_fast.evaluation.rank_table import Floats, RankTable, Ties
from hashrec_fast.types import Evaluable, Interactions

Gain = Literal["binary", "exp2"]
Candidates = int | Literal["all", "test"]


@overload
def evaluate(
    model: Evaluable,
    train: Interactions,
    test: Interactions,
    metrics: str | Sequence[str] = ...,
    *,
    candidates: Candidates = ...,
    ties: Ties = ...,
    mask: Interactions | None = ...,
    gain: Gain | None = ...,
    relevance_threshold: float | None = ...,
    tie_break: Literal["popularity"] | None = ...,
    num_threads: int = ...,
    batch_size: int | None = ...,
    random_state: int | np.random.Generator | None = ...,
    per_user: Literal[False] = ...,
) -> dict[str, float]: ...


@overload
def evaluate(
    model: Evaluable,
    train: Interactions,
    test: Interactions,
    metrics: str | Sequence[str] = ...,
    *,
    candidates: Candidates = ...,
    ties: Ties = ...,
    mask: Interactions | None = ...,
    gain: Gain | None = ...,
    relevance_threshold: float | None = ...,
    tie_break: Literal["popularity"] | None = ...,
    num_threads: int = ...,
    batch_size: int | None = ...,
    random_state: int | np.random.Generator | None = ...,
    per_user: Literal[True],
) -> dict[str, NDArray[np.float64]]: ...


def evaluate(
    model: Evaluable,
    train: Interactions,
    test: Interactions,
    metrics: str | Sequence[str] = ("recall@50", "ndcg@50"),
    *,
    candidates: Candidates = "all",
    ties: Ties = "expected",
    mask: Interactions | None = None,
    gain: Gain | None = None,
    relevance_threshold: float | None = None,
    tie_break: Literal["popularity"] | None = None,
    num_threads: int = 0,
    batch_size: int | None = None,
    random_state: int | np.random.Generator | None = 0,
    per_user: bool = False,
) -> dict[str, float] | dict[str, NDArray[np.float64]]:
    """Rank held-out items and average metrics over the users that have any.

    Parameters
    ----------
    model : object
        The first that fits: an object with ``user_codes_`` and ``item_codes_`` (packed uint64,
        ranked by Hamming distance); with ``user_factors_`` and ``item_factors_`` (ranked by inner
        product in float32); a pair of 2-D arrays, uint64 codes or float factors; a 1-D array of
        item scores, the same for all users; an object with ``score(user_ids)`` that returns
        float32 ``(len(user_ids), n_items)``.
    train, test : scipy sparse matrix, shape (n_users, n_items)
        Stored entries are interactions; or objects with such a ``.user_items``, and ``.ratings``
        (one value for each entry) where gains are graded.
    metrics : str or sequence of str
        ``"recall@k"``, ``"precision@k"``, ``"hit_ratio@k"``, ``"accuracy@k"``, ``"ndcg"``,
        ``"map"`` and ``"mrr"`` with or without ``@k``, ``"auc"``, ``"mpr"``; and variants that
        published tables use, ``"map_of_all"``, ``"ndcg_hits@k"`` and ``"ndcg_jk"``.
    candidates : {"all", "test"} or int
        ``"all"`` ranks every item outside ``train`` and ``mask``; ``"test"`` only the user's own
        test items; an int that many negatives, drawn for each user from the items outside
        ``train``, ``mask`` and ``test`` (all of them if there are fewer), plus the test items.
    ties : {"expected", "first", "last"}
        Exact mean over random orders of tied items; or held-out items before or behind the others.
    mask : scipy sparse matrix, optional
        More items to hide from each user's ranking, such as the validation set.
    gain : {"binary", "exp2"}, optional
        Gain in ``"ndcg"`` and ``"ndcg_jk"``: 1, or ``2^rating - 1``. By default ``"exp2"`` with
        ``candidates="test"``, else ``"binary"``.
    relevance_threshold : float, optional
        Only test items rated at least this count as held out in the binary metrics; the others
        stay in the ranking as negatives. Graded NDCG uses every rating.
    tie_break : "popularity", optional
        Among equal scores the item with more interactions in ``train`` is better.
    num_threads : int
        Threads that count ranks, 0 = all. Inner products run in numpy's BLAS with its own setting.
    batch_size : int, optional
        Users in a block of real scores; about 32 MB of scores by default.
    random_state : int, numpy.random.Generator or None
        Seed of the sampled negatives.
    per_user : bool
        Return values of shape (n_users,), NaN for users without one, instead of their means.

    Returns
    -------
    dict
        One entry for each metric, in the order given: the mean over users with a value, or the
        values themselves.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If a metric is unknown or undefined for every user, shapes differ, ``test`` is empty, a
        test item is also in ``train`` or ``mask``, scores or factors hold NaN, or a rating has no
        finite gain.

    Notes
    -----
    Scores are compared exactly as float32. Memory does not grow with ``n_users * n_items``.

    References
    ----------
    Survey of learning to hash for recommendation, section IV, Eqs. (52)-(61).

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> users, items = np.array([[0], [3]], np.uint64), np.array([[0], [1], [3]], np.uint64)
    >>> train, test = sp.csr_array([[1, 0, 0], [0, 0, 1]]), sp.csr_array([[0, 1, 0], [1, 0, 0]])
    >>> evaluate((users, items), train, test, "hit_ratio@1")
    {'hit_ratio@1': 0.5}
    """
    wanted = [parse_metric(m) for m in ([metrics] if isinstance(metrics, str) else metrics)]
    gain = gain or ("exp2" if candidates == "test" else "binary")
    _check_choice(gain, "gain", ("binary", "exp2"))
    _check_choice(tie_break, "tie_break", (None, "popularity"))
    _check_choice(ties, "ties", ("expected", "first", "last"))
    num_threads = check_int(num_threads, "num_threads", minimum=0)
    if batch_size is not None:
        batch_size = check_int(batch_size, "batch_size", minimum=1)
    n_negatives = _check_candidates(candidates)
    known, seen, held_out = _check_split(train, test, mask)
    n_users, n_items = held_out.shape
    popularity = None
    if tie_break == "popularity":
        popularity = np.bincount(known.indices, minlength=n_items).astype(np.int32)
    scorer = make_scorer(model, n_users, n_items, batch_size)

    users = np.flatnonzero(np.diff(held_out.indptr))
    seen_rows, targets = row_lists(seen[users]), row_lists(held_out[users])
    better: NDArray[Any]
    tied: NDArray[Any]
    if candidates == "all":
        better, tied = scorer.rank_all(users, seen_rows, targets, popularity, num_threads)
        n_candidates = n_items - np.diff(seen_rows[0])
    elif candidates == "test":
        better, tied, n_candidates = rank_own(scorer, users, targets, popularity)
    else:
        listed = row_lists(union_of_rows(seen, held_out)[users])
        rng = check_random_state(random_state)
        better, tied, n_candidates = rank_sampled(
            scorer, users, targets, listed, n_negatives, n_items, popularity, rng
        )

    rows, ratings = row_of_entry(targets), held_out.data
    relevant = np.ones(len(rows), bool)
    if relevance_threshold is not None:
        relevant = ratings >= relevance_threshold
    counts_of_rows = (rows, better, tied, n_candidates)
    tables: dict[bool, tuple[RankTable, NDArray[np.int64]]] = {}
    result: dict[str, NDArray[np.float64]] = {}
    for metric in wanted:
        graded = metric.name in GRADED and gain == "exp2"
        if graded not in tables:
            tables[graded] = (
                _table(*counts_of_rows, np.ones(len(rows), bool), users, _exp2_gain(ratings))
                if graded
                else _table(*counts_of_rows, relevant, users, None)
            )
        table, table_users = tables[graded]
        values = np.full(n_users, np.nan)
        values[table_users] = metric(table, ties)
        if np.isnan(values).all():
            raise ValueError(f"{metric.label} is undefined for every user of test")
        result[metric.label] = values
    return result if per_user else {label: float(np.nanmean(v)) for label, v in result.items()}


def _check_choice(value: object, name: str, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {choices}, got {value!r}")


def _check_candidates(candidates: object) -> int:
    """Return the number of sampled negatives, 0 for the named candidate sets."""
    if isinstance(candidates, str):
        if candidates not in ("all", "test"):
            raise ValueError(f"candidates must be 'all', 'test' or an int, got {candidates!r}")
        return 0
    return check_int(candidates, "candidates", minimum=1)


def _check_split(
    train: Interactions, test: Interactions, mask: Interactions | None
) -> tuple[sp.csr_array, sp.csr_array, sp.csr_array]:
    """Return train, the union of train and mask, and test, all canonical."""
    held_out, known = as_user_items(test, "test"), as_user_items(train, "train")
    hidden = None if mask is None else as_user_items(mask, "mask")
    for matrix, name in ((known, "train"), (hidden, "mask")):
        if matrix is None:
            continue
        if matrix.shape != held_out.shape:
            raise ValueError(
                f"{name} and test must have equal shapes, got {matrix.shape} and {held_out.shape}"
            )
        check_disjoint(matrix, held_out, name)
    if held_out.nnz == 0:
        raise ValueError("test holds no interaction, so there is nothing to rank")
    return known, union_of_rows(known, hidden), held_out


def _exp2_gain(ratings: Floats) -> Floats:
    with np.errstate(over="ignore"):
        gains = np.exp2(ratings) - 1.0
    bad = ~np.isfinite(gains) | (gains < 0)
    if bad.any():
        raise ValueError(
            "gain 2^rating - 1 needs ratings from 0 to 1000, got "
            f"{ratings[bad][0]}; rescale the ratings or use gain='binary'"
        )
    result: Floats = gains
    return result


def _table(
    rows: NDArray[np.int64],
    better: NDArray[Any],
    tied: NDArray[Any],
    n_candidates: NDArray[np.int64],
    kept: NDArray[np.bool_],
    users: NDArray[np.int64],
    gains: Floats | None,
) -> tuple[RankTable, NDArray[np.int64]]:
    """Build the table of the kept rows, and the ids of the users in it."""
    if not kept.any():
        raise ValueError("no test item reaches relevance_threshold")
    present, user = np.unique(rows[kept], return_inverse=True)
    gains = None if gains is None else gains[kept]
    table = RankTable.from_counts(user, better[kept], tied[kept], n_candidates[present], gains)
    return table, users[present]
