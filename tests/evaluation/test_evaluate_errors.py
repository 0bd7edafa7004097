# SPDX-License-Identifier: Apache-2.0
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.evaluation import evaluate

TRAIN = sp.csr_array(np.array([[1, 0, 0, 0], [0, 1, 0, 0]]))
TEST = sp.csr_array(np.array([[0, 2, 0, 0], [0, 0, 3, 4]]))
SCORES = np.arange(4.0)
USERS, ITEMS = np.zeros((2, 1), np.uint64), np.zeros((4, 1), np.uint64)


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("f1@5", "unknown metric 'f1@5'; available: recall, precision"),
        ("recall", "recall needs a cutoff"),
        ("recall@0", "at least 1"),
        ("recall@-3", "at least 1"),
        ("recall@x", "at least 1"),
        ("recall@", "at least 1"),
        ("auc@5", "auc takes no cutoff"),
    ],
)
def test_metric_names(metric, message):
    with pytest.raises(ValueError, match=message):
        evaluate(SCORES, TRAIN, TEST, metric)
    with pytest.raises(TypeError, match="must be a string"):
        evaluate(SCORES, TRAIN, TEST, [5])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"ties": "random"}, ValueError, "ties must be one of"),
        ({"gain": "log"}, ValueError, "gain must be one of"),
        ({"tie_break": "id"}, ValueError, "tie_break must be one of"),
        ({"candidates": "some"}, ValueError, "candidates must be 'all', 'test' or an int"),
        ({"candidates": 0}, ValueError, "candidates must be at least 1"),
        ({"candidates": 1.5}, TypeError, "candidates must be an integer"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"num_threads": -1}, ValueError, "num_threads must be at least 0"),
        ({"mask": TRAIN[:1]}, ValueError, "mask and test must have equal shapes"),
        ({"mask": TEST}, ValueError, "test holds user 0, item 1, which mask holds too"),
        ({"relevance_threshold": 9}, ValueError, "no test item reaches"),
    ],
)
def test_options(options, error, message):
    with pytest.raises(error, match=message):
        evaluate(SCORES, TRAIN, TEST, "recall@1", **options)


def test_split():
    with pytest.raises(ValueError, match=r"user 1, item 1, which train holds too \(1 such pairs\)"):
        evaluate(SCORES, TRAIN, sp.csr_array(np.array([[0, 1, 0, 0], [0, 1, 1, 0]])))
    with pytest.raises(ValueError, match="test holds no interaction"):
        evaluate(SCORES, TRAIN, sp.csr_array((2, 4)))
    with pytest.raises(ValueError, match="equal shapes"):
        evaluate(SCORES, TRAIN, TEST[:, :3])
    with pytest.raises(TypeError, match="train must be a two-dimensional scipy sparse matrix"):
        evaluate(SCORES, TRAIN.toarray(), TEST)
    repeated = sp.csr_array((np.ones(3), np.array([3, 1, 1]), np.array([0, 1, 3])), shape=(2, 4))
    with pytest.raises(ValueError, match="test holds user 1, item 1 more than once"):
        evaluate(SCORES, sp.csr_array((2, 4)), repeated)


def test_ratings():
    wrong = SimpleNamespace(user_items=TEST, ratings=np.ones(2))
    with pytest.raises(ValueError, match="one value for each of 3 interactions"):
        evaluate(SCORES, TRAIN, wrong)
    wrong = SimpleNamespace(user_items=TEST, ratings=TRAIN)
    with pytest.raises(ValueError, match="sparsity pattern"):
        evaluate(SCORES, TRAIN, wrong)
    for value in (-1.0, np.nan, 5000.0):
        bad = TEST * 1.0
        bad.data[1] = value
        with pytest.raises(ValueError, match="needs ratings from 0 to 1000"):
            evaluate(SCORES, TRAIN, bad, "ndcg", gain="exp2")


def test_undefined_metric():
    with pytest.raises(ValueError, match="auc is undefined for every user"):
        evaluate(SCORES, TRAIN, TEST, "auc", candidates="test")


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (None, TypeError, "model must have user_codes_"),
        (SCORES[:3], ValueError, r"shape \(4,\) as train has 4 items"),
        (SCORES * np.nan, ValueError, "item scores hold 4 NaN"),
        ((USERS, ITEMS[:3]), ValueError, r"item_codes must have shape \(4, n\)"),
        ((USERS[0], ITEMS), ValueError, r"user_codes must have shape \(2, n\)"),
        ((USERS, np.zeros((4, 2), np.uint64)), ValueError, "equally wide, got 1 and 2"),
        ((USERS, ITEMS * 1.0), ValueError, "both be uint64 .* got uint64 and float64"),
        ((USERS.astype(int), ITEMS.astype(int)), ValueError, "got int64 and int64"),
        ((USERS * np.nan, ITEMS * 1.0), ValueError, "user_factors must be finite"),
        (SimpleNamespace(score=lambda u: np.ones((len(u), 3))), ValueError, r"shape \(2, 4\)"),
        (SimpleNamespace(score=lambda u: np.full((len(u), 4), np.nan)), ValueError, "NaN"),
    ],
)
@pytest.mark.parametrize("candidates", ["all", 2])
def test_models(model, error, message, candidates):
    with pytest.raises(error, match=message):
        evaluate(model, TRAIN, TEST, candidates=candidates)
