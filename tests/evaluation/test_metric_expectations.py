# SPDX-License-Identifier: Apache-2.0
"""Every expectation against the mean over all orders of the tied candidates, list by list."""

import itertools
import math

import numpy as np
import pytest

from hashrec_fast.evaluation.accuracy import accuracy
from hashrec_fast.evaluation.auc import auc
from hashrec_fast.evaluation.hit_ratio import hit_ratio
from hashrec_fast.evaluation.map import average_precision, average_precision_of_all
from hashrec_fast.evaluation.mpr import percentile_rank
from hashrec_fast.evaluation.mrr import reciprocal_rank
from hashrec_fast.evaluation.ndcg import ndcg, ndcg_jk
from hashrec_fast.evaluation.ndcg_hits import ndcg_hits
from hashrec_fast.evaluation.precision import precision
from hashrec_fast.evaluation.rank_table import RankTable
from hashrec_fast.evaluation.recall import recall
from hashrec_fast.testing.reference_metrics import metrics_of_list

METRICS = {
    "recall": recall,
    "precision": precision,
    "hit_ratio": hit_ratio,
    "ndcg": ndcg,
    "ndcg_jk": ndcg_jk,
    "ndcg_hits": ndcg_hits,
    "map": average_precision,
    "map_of_all": average_precision_of_all,
    "mrr": reciprocal_rank,
    "accuracy": accuracy,
}


def orders(scores, gains):
    """All orders of tied candidates, as lists of gains from best to worst."""
    levels = [[g for s, g in zip(scores, gains, strict=True) if s == v] for v in set(scores)]
    by_score = dict(zip(set(scores), levels, strict=True))
    groups = [by_score[v] for v in sorted(by_score, reverse=True)]
    for choice in itertools.product(*(itertools.permutations(g) for g in groups)):
        yield list(itertools.chain(*choice))


def extreme_order(scores, gains, first):
    """Targets before (or behind) the other candidates of their score, gains falling (rising)."""

    def key(pair):
        gain = -1.0 if pair[1] is None else pair[1]
        return (-pair[0], -gain if first else gain)

    return [g for _, g in sorted(zip(scores, gains, strict=True), key=key)]


def random_user(rng):
    n = int(rng.integers(1, 8))
    scores = rng.integers(0, rng.integers(1, 5), n).tolist()
    gains = [float(rng.choice([1.0, 3.0, 7.0])) if rng.random() < 0.5 else None for _ in range(n)]
    gains[int(rng.integers(n))] = 3.0
    return scores, gains


def table_of(users):
    rows = []
    for user, (scores, gains) in enumerate(users):
        for s, g in zip(scores, gains, strict=True):
            if g is not None:
                better, level = sum(v > s for v in scores), sum(v == s for v in scores)
                rows.append((user, better, level - 1, g))
    shuffled = np.random.default_rng(0).permutation(np.array(rows))
    user, better, tied, gain = shuffled.T
    return RankTable.from_counts(user, better, tied, [len(s) for s, _ in users], gain)


@pytest.fixture(scope="module")
def users():
    rng = np.random.default_rng(7)
    return [random_user(rng) for _ in range(150)]


@pytest.mark.parametrize("k", [1, 2, 3, 5, 50])
def test_expected_is_mean_over_all_orders(users, k):
    table = table_of(users)
    got = {name: metric(table, k) for name, metric in METRICS.items()}
    got |= {"auc": auc(table), "mpr": percentile_rank(table)}
    for user, (scores, gains) in enumerate(users):
        lists = [metrics_of_list(order, k) for order in orders(scores, gains)]
        for name, values in got.items():
            wanted = sum(values_[name] for values_ in lists) / len(lists)
            assert values[user] == pytest.approx(wanted, abs=1e-12, nan_ok=True), (name, scores)


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("k", [1, 3, 50])
def test_first_and_last(users, k, ties):
    table = table_of(users)
    got = {name: metric(table, k, ties) for name, metric in METRICS.items()}
    got |= {"auc": auc(table, ties), "mpr": percentile_rank(table, ties)}
    for user, (scores, gains) in enumerate(users):
        wanted = metrics_of_list(extreme_order(scores, gains, ties == "first"), k)
        for name, values in got.items():
            assert values[user] == pytest.approx(wanted[name], abs=1e-12, nan_ok=True), name


def test_no_cutoff_is_a_cutoff_at_the_end(users):
    table = table_of(users)
    for metric in (ndcg, ndcg_jk, average_precision, average_precision_of_all, reciprocal_rank):
        np.testing.assert_allclose(metric(table), metric(table, 7), rtol=1e-15)


def test_bounds_hold_in_order(users):
    table = table_of(users)
    for name, metric in METRICS.items():
        last, mean, first = (metric(table, 2, ties) for ties in ("last", "expected", "first"))
        assert (last <= mean + 1e-12).all(), name
        assert (mean <= first + 1e-12).all(), name


def test_large_tie_groups_against_simulation():
    """One group of 400 candidates, 5 of them targets, below 30 others; 20 000 random orders."""
    rng = np.random.default_rng(3)
    draws = np.sort(np.argsort(rng.random((20000, 400)), axis=1)[:, :5], axis=1) + 31
    table = RankTable.from_counts([0] * 5, [30] * 5, [399] * 5, [500])
    k = 100
    inside = draws <= k
    simulated = {
        reciprocal_rank: inside[:, 0] / draws[:, 0],
        hit_ratio: inside[:, 0],
        recall: inside.mean(1),
        average_precision: (inside * np.arange(1, 6) / draws).sum(1) / 5,
        ndcg: (inside / np.log2(draws + 1)).sum(1) / (1 / np.log2(np.arange(2, 7))).sum(),
    }
    for metric, values in simulated.items():
        error = 4 * values.std() / math.sqrt(len(values))
        assert metric(table, k)[0] == pytest.approx(values.mean(), abs=error), metric.__name__
