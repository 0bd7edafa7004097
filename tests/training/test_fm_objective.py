# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf

torch = pytest.importorskip("torch")

from hashrec_fast.data.sampling import sample_lists  # noqa: E402
from hashrec_fast.losses import BCE  # noqa: E402
from hashrec_fast.training.fm_objective import FMObjective, frequent, unit_table  # noqa: E402
from hashrec_fast.training.list_objective import ListObjective  # noqa: E402

N_USERS, N_ITEMS, N_FEATURES, F = 12, 10, 5, 4


def made(rate=0.1):
    rng = np.random.default_rng(0)
    matrix = sp.random(N_USERS, N_ITEMS, 0.4, format="csr", random_state=rng)
    matrix.data[:] = 1
    matrix.sort_indices()
    table = sp.random(N_ITEMS, N_FEATURES, 0.5, format="csr", random_state=rng)
    lists = ListObjective(sample_lists(matrix, 1, rng), BCE(), matrix.shape)
    points = [
        torch.from_numpy(rng.uniform(-1, 1, (n, F)).astype(np.float32))
        for n in (N_USERS, N_ITEMS, N_FEATURES)
    ]
    return FMObjective(lists, table, rate, torch.device("cpu")), table, points


def test_gradient_reaches_the_features():
    objective, table, points = made()
    dense = torch.from_numpy(table.toarray().astype(np.float32))
    objective.weights[0][:] = torch.linspace(-1, 1, N_ITEMS)
    objective.weights[1][:] = 0.3
    leaves = [point.requires_grad_(True) for point in points]
    user, item, feature = leaves
    bias = objective.weights[0] + dense @ objective.weights[1]
    expected = objective.lists(user, item + dense @ feature, bias)
    got = objective(*leaves)
    assert float(got.detach()) == pytest.approx(float(expected.detach()))
    torch.testing.assert_close(objective.bias(), bias)
    for a, b in zip(
        torch.autograd.grad(got, leaves), torch.autograd.grad(expected, leaves), strict=True
    ):
        torch.testing.assert_close(a, b)


def test_linear_weights_are_learnt():
    objective, _, points = made(0.02)
    before = float(objective(*points))
    for _ in range(30):
        objective.update(points)
    assert float(objective(*points)) < before
    still, _, points = made(0.0)
    still.update(points)
    assert all((weight == 0).all() for weight in still.weights)


def test_tables():
    view = sp.csr_matrix(np.array([[1.0, 0, 2, 0], [3, 0, -1, 0], [0, 5, 1, 0]]))
    np.testing.assert_array_equal(frequent((view,), 3, 2), [0, 2])
    np.testing.assert_array_equal(frequent((view,), 3, 99), [0, 1, 2])  # never an empty column
    assert len(frequent((), 3, 9)) == 0
    table = unit_table((view,), np.array([0, 2]), 3).toarray()
    np.testing.assert_allclose(table, [[1 / 3, 2 / 3], [0.75, -0.25], [0, 1]])
    assert unit_table((), np.zeros(0, dtype=np.int64), 3).shape == (3, 0)


def test_method_with_and_without_features():
    rng = np.random.default_rng(1)
    matrix = sp.csr_matrix((rng.random((20, 15)) < 0.3) * 1.0)
    plain = hf.create("dlfm", n_bits=12, random_state=0).fit(matrix, show_progress=False)
    assert plain.item_codes_.shape == (15, 1)
    assert (plain.fitted_.arrays["feature_part"] == 0).all()
    with pytest.raises(ValueError, match="cannot encode items from features"):
        plain.encode_items(features=np.eye(15))
    model = hf.create("dlfm", n_bits=12, random_state=0)
    model.fit(matrix, side_info={"item_features": np.eye(15)}, show_progress=False)
    arrays = model.fitted_.arrays
    item, feature = (hf.unpack(arrays[key], 12) for key in ("item_part", "feature_codes"))
    np.testing.assert_array_equal(arrays["feature_part"], feature)  # every item has its own
    both = item.astype(int) + feature
    np.testing.assert_array_equal(
        hf.unpack(model.item_codes_, 12), np.where(both == 0, item, np.sign(both))
    )
    np.testing.assert_array_equal(model.encode_items(features=np.eye(15)), arrays["feature_codes"])
