# SPDX-License-Identifier: Apache-2.0
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast.evaluation
from hashrec_fast.evaluation import evaluate
from hashrec_fast.testing.reference_metrics import metrics_of_list

N_USERS, N_ITEMS, K = 40, 90, 7
CUTOFF = (
    *("recall", "precision", "hit_ratio", "ndcg", "ndcg_jk", "ndcg_hits"),
    *("map", "map_of_all", "mrr", "accuracy"),
)
ALL = (*(f"{name}@{K}" for name in CUTOFF), "auc", "mpr")


def split(seed=0):
    """Train, mask and test with ratings 1..5 in test; users 0, 10, 20, 30 hold nothing out."""
    rng = np.random.default_rng(seed)
    part = rng.choice(4, (N_USERS, N_ITEMS), p=[0.7, 0.15, 0.05, 0.1])
    part[::10][part[::10] == 3] = 0
    ratings = rng.integers(1, 6, part.shape)
    train, mask, test = (sp.csr_array(np.where(part == p, ratings, 0)) for p in (1, 2, 3))
    return train, mask, test


@pytest.fixture(scope="module")
def data():
    return split()


@pytest.fixture(scope="module")
def codes():
    rng = np.random.default_rng(5)
    return tuple(rng.integers(0, 2**12, (n, 1), dtype=np.uint64) for n in (N_USERS, N_ITEMS))


def signs(codes):
    bits = np.unpackbits(codes.view(np.uint8), axis=1, bitorder="little")
    return np.where(bits, 1.0, -1.0).astype(np.float32)


class Scores:
    def __init__(self, scores):
        self.scores = scores
        self.largest = 0

    def score(self, user_ids):
        self.largest = max(self.largest, len(user_ids))
        return self.scores[user_ids]


def by_definition(scores, hidden, test, k, gain=np.sign, own_only=False):
    """Sort each user's candidates; needs scores without ties."""
    values = []
    hidden, test = hidden.toarray() != 0, test.toarray()
    for user in range(N_USERS):
        if not test[user].any():
            continue
        keep = test[user] != 0 if own_only else ~hidden[user]
        order = [i for i in np.argsort(-scores[user]) if keep[i]]
        gains = [gain(test[user, i]) if test[user, i] else None for i in order]
        values.append(metrics_of_list(gains, k))
    if own_only:  # no negatives, or a single candidate
        values = [{k: v for k, v in one.items() if k not in ("auc", "mpr")} for one in values]
    return {name: np.mean([v[name] for v in values]) for name in values[0]}


def close(got, wanted):
    assert set(got) == set(wanted)
    for label, value in got.items():
        assert value == pytest.approx(wanted[label], rel=1e-12), label


def test_equal_to_sorted_lists(data):
    train, mask, test = data
    scores = np.random.default_rng(1).standard_normal((N_USERS, N_ITEMS)).astype(np.float32)
    wanted = by_definition(scores, train + mask, test, K)
    got = evaluate(Scores(scores), train, test, ALL, mask=mask)
    close(got, {label: wanted[label.partition("@")[0]] for label in ALL})


def test_own_test_items_with_graded_gain(data):
    train, _, test = data
    scores = np.random.default_rng(2).standard_normal((N_USERS, N_ITEMS)).astype(np.float32)
    wanted = by_definition(scores, train, test, 3, lambda r: 2.0**r - 1, own_only=True)
    got = evaluate(Scores(scores), train, test, "ndcg@3", candidates="test")
    close(got, {"ndcg@3": wanted["ndcg"]})


def test_graded_gain_among_all_items(data):
    train, _, test = data
    scores = np.random.default_rng(2).standard_normal((N_USERS, N_ITEMS)).astype(np.float32)
    wanted = by_definition(scores, train, test, K, lambda r: 2.0**r - 1)
    got = evaluate(Scores(scores), train, test, f"ndcg@{K}", gain="exp2")
    close(got, {f"ndcg@{K}": wanted["ndcg"]})


@pytest.mark.parametrize("tie_break", [None, "popularity"])
@pytest.mark.parametrize("ties", ["expected", "first", "last"])
@pytest.mark.parametrize("candidates", ["all", "test", 5, 30, 500])
def test_every_kind_of_model_agrees(data, codes, candidates, ties, tie_break):
    """Distances, +-1 factors and explicit scores hold the same ties, so all numbers are equal."""
    train, mask, test = data
    factors = signs(codes[0]), signs(codes[1])
    scores = factors[0] @ factors[1].T
    metrics = ALL if candidates != "test" else [m for m in ALL if m != "auc"]
    options = {"mask": mask, "candidates": candidates, "ties": ties, "tie_break": tie_break}
    wanted = evaluate(codes, train, test, metrics, **options)
    models = [
        SimpleNamespace(user_codes_=codes[0], item_codes_=codes[1]),
        SimpleNamespace(user_factors_=factors[0], item_factors_=factors[1]),
        [factors[0].astype(np.float64), factors[1]],
        Scores(scores),
    ]
    for model in models:
        for batch_size in (None, 7):
            close(evaluate(model, train, test, metrics, batch_size=batch_size, **options), wanted)


def test_item_scores_are_the_same_for_all_users(data):
    train, mask, test = data
    popularity = np.bincount(train.indices, minlength=N_ITEMS)
    table = Scores(np.tile(popularity.astype(np.float32), (N_USERS, 1)))
    for candidates in ("all", 20):
        options = {"mask": mask, "candidates": candidates, "metrics": ALL}
        close(evaluate(popularity, train, test, **options), evaluate(table, train, test, **options))


def test_popularity_breaks_ties(data):
    """With constant scores the tie-break alone ranks, as the popularity baseline does."""
    train, _, test = data
    popularity = np.bincount(train.indices, minlength=N_ITEMS)
    codes = np.zeros((N_USERS, 1), np.uint64), np.zeros((N_ITEMS, 1), np.uint64)
    wanted = evaluate(popularity, train, test, ALL)
    close(evaluate(codes, train, test, ALL, tie_break="popularity"), wanted)
    close(evaluate(np.zeros(N_ITEMS), train, test, ALL, tie_break="popularity"), wanted)


def test_constant_scores_are_a_random_ranking(data):
    train, _, test = data
    got = evaluate(np.zeros(N_ITEMS), train, test, ("recall@7", "auc", "mpr"), per_user=True)
    n_candidates = N_ITEMS - np.diff(train.indptr)
    has_test = np.diff(test.indptr) > 0
    np.testing.assert_allclose(got["recall@7"][has_test], 7 / n_candidates[has_test])
    np.testing.assert_allclose(got["auc"][has_test], 0.5)
    np.testing.assert_allclose(got["mpr"][has_test], 0.5)


def test_relevance_threshold(data):
    """Test items below the threshold stay in the ranking as negatives."""
    train, _, test = data
    scores = np.random.default_rng(3).standard_normal((N_USERS, N_ITEMS)).astype(np.float32)
    liked = test.copy()
    liked.data = np.where(test.data >= 4, test.data, 0)
    liked.eliminate_zeros()
    model = Scores(scores)
    close(
        evaluate(model, train, test, ALL, relevance_threshold=4),
        evaluate(model, train, liked, ALL),
    )
    auc = evaluate(model, train, test, "auc", candidates="test", relevance_threshold=4)["auc"]
    assert 0 < auc < 1


def test_per_user_has_nan_where_nothing_is_held_out(data, codes):
    train, _, test = data
    values = evaluate(codes, train, test, "recall@5", per_user=True)["recall@5"]
    np.testing.assert_array_equal(np.isnan(values), np.diff(test.indptr) == 0)
    mean = evaluate(codes, train, test, "recall@5")["recall@5"]
    assert mean == pytest.approx(np.nanmean(values))


def test_inputs_may_be_data_sets_of_any_sparse_format_and_stay_unchanged(data, codes):
    train, _, test = data
    wanted = evaluate(codes, train, test, "ndcg", gain="exp2")
    rng = np.random.default_rng(0)
    coo = test.tocoo()
    order = rng.permutation(test.nnz)
    indptr = np.cumsum(np.append(0, np.bincount(coo.row, minlength=N_USERS)))
    order = order[np.argsort(coo.row[order], kind="stable")]
    shuffled = sp.csr_matrix((coo.data[order].astype(float), coo.col[order], indptr), test.shape)
    before = shuffled.indices.copy(), shuffled.data.copy()
    ones = sp.csr_array((np.ones(test.nnz), test.indices, test.indptr), test.shape)
    for held_out in (
        sp.csr_matrix(test),
        coo,
        shuffled,
        SimpleNamespace(user_items=ones, ratings=test.data),
        SimpleNamespace(user_items=ones, ratings=test),
        SimpleNamespace(user_items=test, ratings=None),
    ):
        source = SimpleNamespace(user_items=train)
        close(evaluate(codes, source, held_out, "ndcg", gain="exp2"), wanted)
    np.testing.assert_array_equal(shuffled.indices, before[0])
    np.testing.assert_array_equal(shuffled.data, before[1])


def test_sampling_is_seeded(data, codes):
    train, _, test = data
    runs = [
        evaluate(codes, train, test, "ndcg@5", candidates=20, random_state=s, num_threads=t)
        for s, t in ((1, 1), (1, 2), (2, 1))
    ]
    assert runs[0] == runs[1] != runs[2]


def test_scores_come_in_batches(data):
    train, _, test = data
    model = Scores(np.random.default_rng(0).standard_normal((N_USERS, N_ITEMS)))
    evaluate(model, train, test, "auc", batch_size=3)
    evaluate(model, train, test, "auc", candidates=5, batch_size=3)
    assert model.largest == 3


def test_package_names_are_functions_not_modules():
    for name in hashrec_fast.evaluation.__all__:
        assert callable(getattr(hashrec_fast.evaluation, name)), name
