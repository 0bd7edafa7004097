# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf

DATASET = hf.data.generate(n_users=60, n_items=120, random_state=0)
TRAIN, _, TEST = hf.data.split(DATASET, "per_user", (0.8, 0.2))


def fitted(name="wdcf", train=TRAIN, **settings):
    short = {"teacher": None} if name == "wdcf" else {}
    model = hf.create(name, n_bits=8, random_state=0, **short, **settings)
    return model.fit(train, show_progress=False)


@pytest.mark.parametrize("name", ["wdcf", "ials", "dcf", "vhphd", "cigar"])
def test_it_is_the_recall_of_what_was_held_out(name):
    """Of codes, factors, ratings, a similarity of its own, and a second stage of real numbers."""
    settings = {"cigar": {"epochs": 1, "reranker__epochs": 1}, "vhphd": {"epochs": 1}}
    model = fitted(name, **settings.get(name, {}))
    expected = hf.evaluate(model, TRAIN, TEST, "recall@50")["recall@50"]
    assert model.score(TEST) == model.score(TEST.user_items, None) == expected
    assert 0 < expected < 1
    assert type(model.score(TEST)) is float


def test_the_formula():
    """Counted from ranked lists of factors, which have no ties; half the users hold out nothing."""
    model = fitted("ials")
    held_out = sp.diags_array(np.arange(60) >= 30, dtype=np.float32) @ TEST.user_items
    held_out.eliminate_zeros()
    ids, _ = model.recommend(np.arange(30, 60), N=50)
    recalls = [
        np.isin(row.indices, found).mean()
        for row, found in zip(held_out[30:], ids, strict=True)
        if row.nnz
    ]
    assert model.score(held_out) == pytest.approx(np.mean(recalls), abs=1e-12)


def test_pairs_that_were_trained_on_do_not_count():
    model = fitted()
    assert model.score(DATASET) == model.score(TEST)
    assert np.isnan(model.score(TRAIN))


def test_a_fitted_model_is_scored_as_it_was_fitted():
    model = fitted()
    before = model.score(TEST)
    assert model.set_params(n_bits=64).score(TEST) == before


def test_a_loaded_model_scores_the_same(tmp_path):
    model = fitted()
    model.save(tmp_path / "model.safetensors")
    assert hf.load(tmp_path / "model.safetensors").score(TEST) == model.score(TEST)


def test_stored_zeros_are_held_out_ratings_but_no_implicit_pairs():
    zeros = TEST.user_items.copy()
    zeros.data[:] = 0
    with pytest.raises(ValueError, match="X holds no interaction"):
        fitted().score(zeros)
    explicit = fitted("dcf")
    assert explicit.score(zeros) == explicit.score(TEST)


@pytest.mark.parametrize(
    ("held_out", "error", "message"),
    [
        (
            TEST.user_items[:7],
            ValueError,
            r"shape of .* \(60, 120\), got \(7, 120\).*EventRows",
        ),
        (sp.csr_matrix((60, 120)), ValueError, "X holds no interaction"),
        (np.arange(3), TypeError, "X must be a scipy.sparse CSR matrix.*got ndarray"),
    ],
)
def test_what_cannot_be_scored(held_out, error, message):
    with pytest.raises(error, match=message):
        fitted("ials").score(held_out)


@pytest.mark.parametrize("name", ["wdcf", "ials"])
def test_without_a_fit(name):
    model = hf.create(name)
    with pytest.raises(hf.NotFittedError, match="call fit first"):
        model.score(TEST)
    # evaluate takes objects with score(user_ids), which this score is not
    with pytest.raises(hf.NotFittedError, match="call fit first"):
        hf.evaluate(model, TRAIN, TEST)


def test_complex_numbers_are_refused():
    matrix = sp.csr_matrix(np.eye(3) * 1j)
    with pytest.raises(ValueError, match="Complex data not supported: user_items must be real"):
        hf.create("dcf").fit(matrix)
    with pytest.raises(ValueError, match=r"Complex data .* side_info\['item_features'\]"):
        hf.create("dfm").fit(sp.eye_array(3), side_info={"item_features": matrix})
