# SPDX-License-Identifier: Apache-2.0
"""Cases worked out on paper, and the errors of the table."""

import math

import pytest

from hashrec_fast.evaluation.accuracy import accuracy
from hashrec_fast.evaluation.auc import auc
from hashrec_fast.evaluation.hit_ratio import hit_ratio
from hashrec_fast.evaluation.map import average_precision
from hashrec_fast.evaluation.mpr import percentile_rank
from hashrec_fast.evaluation.mrr import reciprocal_rank
from hashrec_fast.evaluation.ndcg import ndcg
from hashrec_fast.evaluation.precision import precision
from hashrec_fast.evaluation.rank_table import RankTable
from hashrec_fast.evaluation.recall import recall


def test_no_ties():
    """Ten candidates, targets at ranks 2, 3 and 8; k = 5."""
    table = RankTable.from_counts([0, 0, 0], [1, 2, 7], [0, 0, 0], [10])
    assert recall(table, 5)[0] == pytest.approx(2 / 3)
    assert precision(table, 5)[0] == pytest.approx(2 / 5)
    assert hit_ratio(table, 5)[0] == 1
    assert hit_ratio(table, 1)[0] == 0
    best = 1 + 1 / math.log2(3) + 0.5
    assert ndcg(table, 5)[0] == pytest.approx((1 / math.log2(3) + 0.5) / best)
    assert average_precision(table, 5)[0] == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert average_precision(table)[0] == pytest.approx((1 / 2 + 2 / 3 + 3 / 8) / 3)
    assert reciprocal_rank(table)[0] == pytest.approx(1 / 2)
    assert reciprocal_rank(table, 1)[0] == 0
    # Seven negatives: one above the first and the second target, five above the third.
    assert auc(table)[0] == pytest.approx(1 - (1 + 1 + 5) / 21)
    # Two hits: 3 false positives and 1 false negative among 10.
    assert accuracy(table, 5)[0] == pytest.approx(0.6)
    assert percentile_rank(table)[0] == pytest.approx((1 + 2 + 7) / 27)


def test_two_targets_share_a_tie_group():
    """Places 2..4 hold two targets and one other: their ranks are {2,3}, {2,4} or {3,4}."""
    table = RankTable.from_counts([0, 0], [1, 1], [2, 2], [6])
    assert hit_ratio(table, 2)[0] == pytest.approx(2 / 3)
    assert recall(table, 2)[0] == pytest.approx(1 / 3)
    assert reciprocal_rank(table)[0] == pytest.approx((1 / 2 + 1 / 2 + 1 / 3) / 3)
    lists = [1 / 2 + 2 / 3, 1 / 2 + 2 / 4, 1 / 3 + 2 / 4]
    assert average_precision(table)[0] == pytest.approx(sum(lists) / 3 / 2)
    # Four negatives: one above both, one level with both.
    assert auc(table)[0] == pytest.approx(1 - 2 * 1.5 / 8)


def test_graded_gain():
    """Ratings 3 and 1 give gains 7 and 1; the lower one is ranked first."""
    table = RankTable.from_counts([0, 0], [0, 1], [0, 0], [2], gain=[1, 7])
    d2 = 1 / math.log2(3)
    assert ndcg(table)[0] == pytest.approx((1 + 7 * d2) / (7 + d2))
    assert ndcg(table, 1)[0] == pytest.approx(1 / 7)


def test_undefined_is_nan():
    table = RankTable.from_counts([0], [0], [0], [1], gain=[0.0])
    assert math.isnan(auc(table)[0])
    assert math.isnan(percentile_rank(table)[0])
    assert math.isnan(ndcg(table)[0])


def test_table_errors():
    with pytest.raises(ValueError, match="every user"):
        RankTable.from_counts([1], [0], [0], [5, 5])
    with pytest.raises(ValueError, match="n_candidates-1"):
        RankTable.from_counts([0], [4], [1], [5])
    with pytest.raises(ValueError, match="equal length"):
        RankTable.from_counts([0], [4, 3], [1], [5])
    table = RankTable.from_counts([0], [0], [0], [5])
    with pytest.raises(ValueError, match="ties must be one of"):
        recall(table, 1, ties="random")
    with pytest.raises(ValueError, match="k must be at least 1"):
        recall(table, 0)
