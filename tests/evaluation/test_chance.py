# SPDX-License-Identifier: Apache-2.0
"""The value of a random order: what scores that are all equal give, and random scores on average.

Every protocol has one, and where a user's own test items are ranked it is high.
"""

import math

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.testing.reference_metrics import metrics_of_list

N_USERS, N_ITEMS, DRAWS = 60, 40, 400
RATED = {"candidates": "test", "gain": "binary", "relevance_threshold": 4}
GRADED = {"candidates": "test", "gain": "exp2"}
WHOLE = {"candidates": "all"}


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(0)
    part = rng.choice(3, (N_USERS, N_ITEMS), p=[0.4, 0.3, 0.3])
    ratings = rng.integers(1, 6, part.shape)
    return [sp.csr_matrix(np.where(part == p, ratings, 0).astype(np.float32)) for p in (1, 2)]


class Scores:
    def __init__(self, scores):
        self.scores = scores

    def score(self, user_ids):
        return self.scores[user_ids]


METRICS = ("ndcg@2", "ndcg@6", "ndcg@10", "ndcg_jk@6", "ndcg_hits@6", "map@6", "map_of_all@6")


@pytest.mark.parametrize("protocol", [RATED, GRADED, WHOLE], ids=["rated", "graded", "whole"])
def test_random_scores_have_the_value_of_equal_scores(parts, protocol):
    train, test = parts
    equal = hf.evaluate(np.zeros(N_ITEMS), train, test, METRICS, **protocol)
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(DRAWS):
        scores = rng.random((N_USERS, N_ITEMS)).astype(np.float32)
        values = hf.evaluate(Scores(scores), train, test, METRICS, **protocol)
        drawn.append([values[metric] for metric in METRICS])
    mean, error = np.mean(drawn, axis=0), np.std(drawn, axis=0) / math.sqrt(DRAWS)
    for metric, got, noise in zip(METRICS, mean, error, strict=True):
        if protocol is GRADED and not metric.startswith(("ndcg@", "ndcg_jk@")):
            continue  # every candidate is held out: all orders are worth the same
        assert 0 < noise < 0.01, metric
        assert abs(got - equal[metric]) < 4 * noise, metric


def test_equal_codes_are_equal_scores(parts):
    train, test = parts
    codes = tuple(np.zeros((n, 1), np.uint64) for n in (N_USERS, N_ITEMS))
    for protocol in (RATED, GRADED, WHOLE):
        equal = hf.evaluate(np.zeros(N_ITEMS), train, test, METRICS, **protocol)
        assert hf.evaluate(codes, train, test, METRICS, **protocol) == equal


@pytest.mark.parametrize("k", [2, 6])
def test_own_test_items_by_definition(parts, k):
    """Binary relevance above 3, the other test items below it, users without one left out."""
    train, test = parts
    scores = np.random.default_rng(2).standard_normal((N_USERS, N_ITEMS)).astype(np.float32)
    wanted = []
    for user in range(N_USERS):
        row = test[user]
        order = np.argsort(-scores[user, row.indices])
        gains = [1.0 if rating > 3 else None for rating in row.data[order]]
        if any(gains):
            wanted.append(metrics_of_list(gains, k))
    names = ("ndcg", "ndcg_jk", "ndcg_hits", "map", "map_of_all")
    found = hf.evaluate(Scores(scores), train, test, [f"{n}@{k}" for n in names], **RATED)
    for name in names:
        mean = np.mean([values[name] for values in wanted])
        assert found[f"{name}@{k}"] == pytest.approx(mean, rel=1e-12), name


def test_chance_of_two_items_by_hand():
    """One liked item of two: NDCG@1 is 1/2 and NDCG@2 the mean of 1 and 1 / log2(3)."""
    train = sp.csr_matrix((1, 2), dtype=np.float32)
    test = sp.csr_matrix(np.array([[5.0, 1.0]], np.float32))
    found = hf.evaluate(np.zeros(2), train, test, ("ndcg@1", "ndcg@2"), **RATED)
    assert found == pytest.approx({"ndcg@1": 0.5, "ndcg@2": (1 + 1 / math.log2(3)) / 2})


def test_divisors_of_average_precision_and_ideals():
    """Three liked items, two of them found at ranks 1 and 4 of a list of 4."""
    train = sp.csr_matrix((1, 9), dtype=np.float32)
    test = sp.csr_matrix(([1.0, 1.0, 1.0], ([0, 0, 0], [0, 3, 8])), shape=(1, 9))
    found = hf.evaluate(
        -np.arange(9.0), train, test, ("map@2", "map_of_all@2", "ndcg_hits@4", "ndcg@4")
    )
    dcg = 1 + 1 / math.log2(5)
    assert found["map@2"] == pytest.approx(1 / 2)
    assert found["map_of_all@2"] == pytest.approx(1 / 3)
    assert found["ndcg_hits@4"] == pytest.approx(dcg / (1 + 1 / math.log2(3)))
    assert found["ndcg@4"] == pytest.approx(dcg / (1 + 1 / math.log2(3) + 1 / 2))
