# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf

GOOD = sp.csr_matrix(np.eye(6, dtype=np.float32))


def with_value(value):
    matrix = GOOD.copy()
    matrix.data[3] = value
    return matrix


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        (np.eye(3), TypeError, "must be a scipy.sparse CSR matrix"),
        (sp.csr_matrix((0, 5)), ValueError, "at least one user and one item"),
        (sp.csr_matrix((4, 5)), ValueError, "no interaction at all"),
        (with_value(np.nan), ValueError, "NaN or infinite value .* at user 3, item 3"),
        (with_value(np.inf), ValueError, "NaN or infinite"),
        (with_value(-1), ValueError, "negative value .* at user 3, item 3"),
    ],
)
def test_unusable_interactions(matrix, error, message):
    with pytest.raises(error, match=message):
        hf.create("wdcf", n_bits=8).fit(matrix, show_progress=False)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_bits": 0}, ValueError, "n_bits must be at least 1, got 0"),
        ({"n_bits": 4097}, ValueError, "n_bits must be at most 4096"),
        ({"n_bits": 8.0}, TypeError, "n_bits must be an integer"),
        ({"num_threads": -1}, ValueError, "num_threads must be at least 0"),
        ({"random_state": "x"}, TypeError, "random_state must be"),
        ({"index": "faiss"}, ValueError, "index must be one of"),
        ({"device": "cuda"}, ValueError, "device='cpu' only"),
    ],
)
def test_unusable_settings(settings, error, message):
    with pytest.raises(error, match=message):
        hf.create("wdcf", **settings).fit(GOOD, show_progress=False)


def test_unknown_method_names_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown method 'nope'; available: .*wdcf"):
        hf.create("nope")


def test_validation_of_another_shape():
    with pytest.raises(ValueError, match=r"validation must have the shape .*\(6, 6\)"):
        hf.create("wdcf").fit(GOOD, validation=GOOD[:3], show_progress=False)


def test_unwanted_side_info():
    with pytest.raises(ValueError, match="uses no side_info"):
        hf.create("dcf").fit(GOOD, side_info={"x": 1}, show_progress=False)


def test_ratings_stored_twice():
    twice = sp.csr_matrix((np.ones(2), np.array([1, 1]), np.array([0, 2, 2])), shape=(2, 3))
    with pytest.raises(ValueError, match="1 user-item pairs more than once"):
        hf.create("dcf").fit(twice, show_progress=False)


@pytest.fixture(scope="module")
def model():
    return hf.create("wdcf", n_bits=8, random_state=0).fit(GOOD, show_progress=False)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m.recommend(6), IndexError, r"userid must be in \[0, 6\), got 6"),
        (lambda m: m.recommend(-1), IndexError, "userid"),
        (lambda m: m.recommend(1.5), TypeError, "userid must be an integer"),
        (lambda m: m.recommend(0, N=0), ValueError, "N must be at least 1"),
        (lambda m: m.recommend(0, items=[99]), IndexError, "items must be in"),
        (lambda m: m.recommend(0, filter_items=[-3]), IndexError, "filter_items"),
        (lambda m: m.recommend(0, items=[1], filter_items=[2]), ValueError, "not both"),
        (lambda m: m.recommend([0, 1], user_items=GOOD[:1]), ValueError, "one row per user"),
        (lambda m: m.recommend(0, user_items=[1]), TypeError, "scipy.sparse"),
        (lambda m: m.similar_items(77), IndexError, "itemid must be in"),
        (lambda m: m.encode_users(sp.csr_matrix((1, 9))), ValueError, "must have 6 columns"),
        (lambda m: m.save("/no/such/folder/x"), FileNotFoundError, "does not exist"),
    ],
)
def test_bad_calls(model, call, error, message):
    with pytest.raises(error, match=message):
        call(model)


def test_damaged_files(model, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    content = path.read_bytes()
    with pytest.raises(FileNotFoundError, match="no model file"):
        hf.load(tmp_path / "missing")
    for name, body in (("empty", b""), ("cut", content[:-40]), ("text", b"hello" * 50)):
        (tmp_path / name).write_bytes(body)
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            hf.load(tmp_path / name)
    from safetensors.numpy import save

    (tmp_path / "other").write_bytes(save({"x": np.zeros(3)}))
    with pytest.raises(ValueError, match="not a hashrec_fast model"):
        hf.load(tmp_path / "other")
    (tmp_path / "damaged").write_bytes(
        save({"x": np.zeros(3)}, metadata={"format": "hashrec_fast.model", "version": "1"})
    )
    with pytest.raises(ValueError, match="damaged"):
        hf.load(tmp_path / "damaged")
    newer = content.replace(b'"version":"2"', b'"version":"9"')
    (tmp_path / "newer").write_bytes(newer)
    with pytest.raises(ValueError, match="format version 9"):
        hf.load(tmp_path / "newer")


def test_objectives_that_do_not_fit_are_refused():
    from hashrec_fast.losses import MSE, SquaredHinge
    from hashrec_fast.recipe import Recipe
    from hashrec_fast.solvers import DCD, WholeDataDCD
    from hashrec_fast.training import OneStage

    facts = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}
    with pytest.raises(ValueError, match="DCD cannot optimise SquaredHinge"):
        Recipe(**facts, objective=(SquaredHinge(),), strategy=OneStage(solver=DCD()))
    with pytest.raises(ValueError, match="WholeDataDCD cannot optimise MSE"):
        Recipe(**facts, objective=(MSE(),), strategy=OneStage(solver=WholeDataDCD()))
    with pytest.raises(ValueError, match="at least one objective"):
        Recipe(**facts, objective=(), strategy=OneStage(solver=DCD()))
