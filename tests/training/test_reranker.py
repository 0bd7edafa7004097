# SPDX-License-Identifier: Apache-2.0
"""The cascade of codes and floats: who is a candidate, what order, what is measured."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.training import FloatReranker
from hashrec_fast.training.reranker import CandidatePairs

N_CANDIDATES = 25


@pytest.fixture(scope="module")
def data():
    made = hf.data.generate(n_users=150, n_items=120, random_state=0)
    return [p.user_items for p in hf.data.split(made, "random", (0.7, 0.1, 0.2), random_state=0)]


def cigar(**settings):
    few = {
        "epochs": 10,
        "learning_rate": 0.03,
        "reranker__candidates": N_CANDIDATES,
        "reranker__epochs": 10,
        "reranker__learning_rate": 0.03,
    }
    return hf.create("cigar", n_bits=24, random_state=0, num_threads=1, **(few | settings))


@pytest.fixture(scope="module")
def fitted(data):
    return cigar().fit(data[0], show_progress=False)


def test_the_best_candidates_come_first(data, fitted):
    """Against a plain computation, within the candidates and behind them."""
    train = data[0]
    distances = hf.hamming_matrix(fitted.user_codes_, fitted.item_codes_).astype(float)
    distances[train.nonzero()] = np.inf
    user, item = (fitted.fitted_.arrays[f"rerank_{side}"] for side in ("user", "item"))
    floats = user @ item.T
    near = np.argsort(distances, axis=1, kind="stable")
    for n in (5, N_CANDIDATES, 60):
        ids, scores = fitted.recommend(np.arange(150), N=n)
        for u in range(150):
            first, rest = near[u, :N_CANDIDATES], near[u, N_CANDIDATES:n]
            expected = first[np.argsort(-floats[u, first], kind="stable")][:n]
            np.testing.assert_array_equal(ids[u, : len(expected)], expected)
            np.testing.assert_allclose(
                scores[u, : len(expected)], floats[u, expected], rtol=1e-4, atol=1e-5
            )
            there = np.isfinite(distances[u, rest])
            np.testing.assert_array_equal(
                ids[u, N_CANDIDATES:n], np.where(there, rest, -1)[: max(0, n - N_CANDIDATES)]
            )
        with np.errstate(invalid="ignore"):
            assert not (np.diff(scores, axis=1) > 0).any()


def test_what_is_measured_is_what_is_recommended(data, fitted):
    train, _, test = data
    ids, _ = fitted.recommend(np.arange(150), N=10)
    hits = np.take_along_axis(test.toarray() > 0, ids, axis=1).sum(1)
    held_out = np.diff(test.indptr)
    expected = (hits / np.maximum(held_out, 1))[held_out > 0].mean()
    found = hf.evaluate(fitted, train, test, ("recall@10", "auc"))
    assert found["recall@10"] == pytest.approx(expected)
    codes = hf.evaluate((fitted.user_codes_, fitted.item_codes_), train, test, "recall@10")
    assert found["recall@10"] != codes["recall@10"]
    # with all items as candidates the floats alone say the order
    every = cigar(reranker__candidates=1000).fit(train, show_progress=False)
    rows = tuple(every.fitted_.arrays[f"rerank_{side}"] for side in ("user", "item"))
    assert hf.evaluate(every, train, test)["recall@50"] == pytest.approx(
        hf.evaluate(rows, train, test)["recall@50"]
    )


def test_a_loaded_model_ranks_alike_with_every_exact_index(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    loaded = hf.load(tmp_path / "model")
    assert loaded.recipe == fitted.recipe
    for index in ("linear_scan", "multi_index"):
        loaded.set_params(index=index)
        for a, b in zip(
            loaded.recommend([3, 9], N=40), fitted.recommend([3, 9], N=40), strict=True
        ):
            np.testing.assert_array_equal(a, b)


def test_the_codes_are_hashrec_s(data, fitted):
    settings = {k: v for k, v in fitted.get_params().items() if k in {"epochs", "evaluate_every"}}
    settings |= {"learning_rate": 0.03}
    plain = hf.create("hashrec", n_bits=24, random_state=0, num_threads=1, **settings)
    plain.fit(data[0], show_progress=False)
    np.testing.assert_array_equal(plain.user_codes_, fitted.user_codes_)
    stages = [row.get("stage") for row in fitted.history_]
    assert stages == [None] * 10 + ["reranker"] * 10


def test_validation_chooses_the_epoch_of_both_stages(data):
    train, validation, _ = data
    model = cigar(reranker__evaluate_every=2, reranker__metric="recall@10")
    model.fit(train, validation=validation, show_progress=False)
    looks = [row.get("validation_recall@10", 0) for row in model.history_ if "stage" in row]
    facts = model.fitted_.facts
    assert facts["reranker_best_recall@10"] == max(looks)
    assert facts["reranker_best_epoch"] == int(np.argmax(looks))
    found = hf.evaluate(model, train, validation, "recall@10")["recall@10"]
    assert found == pytest.approx(max(looks))


@pytest.mark.parametrize("hard", [0.0, 0.5, 1.0])
def test_hard_negatives_are_candidates(rng, hard):
    dense = rng.random((20, 40)) < 0.2
    dense[3] = False
    train = sp.csr_matrix(dense.astype(float))
    pool = np.full((20, 4), -1)
    for user in range(19):  # the last has no candidates
        pool[user, : 1 + user % 4] = np.flatnonzero(~dense[user])[: 1 + user % 4]
    sampler = CandidatePairs(pool=pool, hard=hard, batch_size=50)
    inside = total = 0
    for _ in range(30):
        for batch in sampler.batches(train, rng):
            users, items = batch.users.numpy(), batch.items.numpy()
            assert dense[users, items[:, 0]].all()
            assert not dense[users, items[:, 1]].any()
            able = users < 19
            inside += (pool[users] == items[:, 1:]).any(1)[able].sum()
            total += able.sum()
    by_chance = 0.08  # share of the pool among unobserved items, about
    assert inside / total == pytest.approx(hard + (1 - hard) * by_chance, abs=0.04)


def test_settings_are_checked(fitted):
    with pytest.raises(ValueError, match="candidates must be at least 1, got 0"):
        FloatReranker(candidates=0)
    with pytest.raises(ValueError, match=r"hard must be at most 1, got 1\.5"):
        FloatReranker(hard=1.5)
    floats = hf.create("mf_bpr").recipe
    with pytest.raises(ValueError, match="has no codes to find candidates"):
        dataclasses.replace(floats, reranker=FloatReranker())
    assert hf.create("cigar", reranker=None).recipe.reranker is None
    assert fitted.encode_users(fitted.user_items_[:3]).dtype == np.uint64
