# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.losses import ContentNetwork
from hashrec_fast.solvers.linear_terms.network import encode_network, network_arrays, network_inputs
from hashrec_fast.solvers.state import SignState

torch = pytest.importorskip("torch")

from hashrec_fast.losses.content_map import ContentMap, NetworkLinearTerm  # noqa: E402
from hashrec_fast.torch_scope import torch_threads  # noqa: E402


def content(n=90, n_features=20, seed=0):
    rng = np.random.default_rng(seed)
    features = sp.random(n, n_features, 0.3, format="csr", random_state=rng)
    codes = np.where(features @ rng.standard_normal((n_features, 12)) >= 0, 1.0, -1.0)
    return features, codes


def learnt(passes=10, seed=0):
    features, codes = content()
    made = ContentMap(
        network_inputs((features,)), 12, ContentNetwork(), np.random.default_rng(seed)
    )
    made.train(codes, passes)
    return made, features, codes


def test_it_learns_and_numpy_agrees():
    made, features, codes = learnt()
    predicted = made.predict()
    assert ((predicted >= 0) == (codes > 0)).mean() > 0.9
    arrays = network_arrays("item", made.arrays())
    np.testing.assert_allclose(encode_network((features,), "item", arrays), predicted, atol=1e-5)
    one = encode_network((features[[7]],), "item", arrays)
    np.testing.assert_allclose(one[0], predicted[7], atol=1e-5)


def test_seed_and_threads():
    results = []
    for threads in (1, 2, 3):
        with torch_threads(threads):
            results.append(learnt(2)[0].predict())
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)
    assert (learnt(2, seed=1)[0].predict() != results[0]).any()


def test_inputs_are_scaled_by_row():
    views = (sp.csr_matrix([[2.0, 0], [0, 0]]), sp.csr_matrix([[-4.0], [0.5]]))
    np.testing.assert_allclose(network_inputs(views).toarray(), [[0.5, 0, -1], [0, 0, 1]])
    empty = network_inputs((sp.csr_matrix((2, 3)),))
    np.testing.assert_array_equal(empty.toarray(), np.zeros((2, 3)))


def test_linear_term():
    features, codes = content()
    state = SignState.from_signs(codes)
    term = NetworkLinearTerm(
        "item", (features,), ContentNetwork(weight=6.0), state, np.random.default_rng(0)
    )
    states = {"item": state}
    prediction = term.linear(states).rows[:, :12] / 3
    assert term.value(states) == pytest.approx(3 * ((codes - prediction) ** 2).sum())
    before = term.value(states)
    for _ in range(5):
        term.update(states)
    assert term.value(states) < before
    # the linear term is the gradient of the penalty: -2 a'd = -weight F'd
    flipped = codes.copy()
    flipped[4, 2] *= -1
    a = term.linear(states).rows
    change = term.value({"item": SignState.from_signs(flipped)}) - term.value(states)
    assert change == pytest.approx(-2 * a[4, 2] * (flipped - codes)[4, 2])


def test_a_loaded_model_encodes_without_torch(tmp_path):
    features, _ = content()
    rng = np.random.default_rng(1)
    ratings = sp.random(40, 90, 0.4, format="csr", random_state=rng)
    ratings.data = rng.integers(1, 6, ratings.nnz).astype(np.float32)
    model = hf.create("ddl", n_bits=12, random_state=0).fit(
        ratings, side_info={"item_features": features}, show_progress=False
    )
    model.save(tmp_path / "model")
    np.save(tmp_path / "x.npy", features.toarray())
    np.save(tmp_path / "codes.npy", model.encode_items(features=features))
    code = f"""
import sys
import numpy as np
import hashrec_fast as hf
model = hf.load({str(tmp_path / "model")!r})
got = model.encode_items(features=np.load({str(tmp_path / "x.npy")!r}))
assert (got == np.load({str(tmp_path / "codes.npy")!r})).all()
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
