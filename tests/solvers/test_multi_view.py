# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.losses import MultiView
from hashrec_fast.solvers import multi_view
from hashrec_fast.solvers.multi_view import ViewMap, Views, encode_views, shares_of
from hashrec_fast.solvers.multi_view_alm import MultiViewALM, singular_vectors, unit_ratings
from hashrec_fast.solvers.rotated_side import RotatedSide, nearest_rotation


def features(seed=0, shape=(80, 12)):
    rng = np.random.default_rng(seed)
    return sp.random(*shape, 0.3, format="csr", random_state=rng)


def test_nearest_rotation_is_the_best():
    rng = np.random.default_rng(0)
    for _ in range(20):
        target = rng.standard_normal((6, 6))
        best = nearest_rotation(target)
        np.testing.assert_allclose(best @ best.T, np.eye(6), atol=1e-12)
        for _ in range(20):
            other = np.linalg.qr(rng.standard_normal((6, 6)))[0]
            assert (best * target).sum() >= (other * target).sum() - 1e-9
        left, _, right = np.linalg.svd(target)  # the authors' form, P Q for P Q'
        assert (best * target).sum() > (left @ right.T * target).sum() + 1e-3


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("penalty", [0.0, 0.7])
def test_map_solves_the_sylvester_equation(direct, penalty, monkeypatch):
    if not direct:
        monkeypatch.setattr(multi_view, "DIRECT", 0)
        monkeypatch.setattr(multi_view, "STEPS", 200)
    x, rng = features(), np.random.default_rng(1)
    h, rank, ridge = rng.standard_normal((80, 5)), 2, 0.1
    view = ViewMap(x, 5, ridge)
    old = rng.standard_normal((12, 5))
    view.weights = old.copy()
    view.solve(h, penalty, rank)
    weak = np.linalg.eigh(old.T @ old)[1][:, :3]
    dense, w = x.toarray(), view.weights
    level = ridge * (dense**2).sum(axis=0).mean()
    slope = dense.T @ (dense @ w - h) + level * w + penalty * w @ weak @ weak.T
    np.testing.assert_allclose(slope, 0, atol=1e-5)


def test_shares():
    shares = shares_of(np.array([[1.0, 0.0, 0.0], [3.0, 2.0, 0.0]]))
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    np.testing.assert_allclose(shares[:, 0], [0.25, 0.75], atol=1e-5)
    assert (shares > 0).all()
    np.testing.assert_allclose(shares[:, 2], 0.5)


def test_a_useless_view_gets_little_say():
    rng = np.random.default_rng(2)
    good, noise = rng.standard_normal((200, 6)), rng.standard_normal((200, 6))
    h = good @ rng.standard_normal((6, 8))
    views = Views((sp.csr_matrix(good), sp.csr_matrix(noise)), 8, MultiView(ridge=1e-6))
    views.solve(h, 1.0)
    assert views.shares[0] < 0.05
    maps = [views.export("user")[f"user_map_{i}"] for i in range(2)]
    new, other = rng.standard_normal((50, 6)), rng.standard_normal((50, 6))
    rotation = np.linalg.qr(rng.standard_normal((8, 8)))[0]
    got = encode_views((sp.csr_matrix(new), sp.csr_matrix(other)), maps, rotation)
    one = encode_views((sp.csr_matrix(new[3]), sp.csr_matrix(other[3])), maps, rotation)
    np.testing.assert_allclose(one[0], got[3])  # a row is its own affair


def test_vectors_solve_their_equation():
    rng = np.random.default_rng(3)
    matrix, other = sp.random(30, 20, 0.3, format="csr", random_state=rng), rng.random((20, 4))
    views = Views((features(4, (30, 7)),), 4, MultiView(weight=0.5))
    side = RotatedSide(
        rng.random((30, 4)), nearest_rotation(rng.random((4, 4))), tie=0.3, penalty=0.1, views=views
    )
    views.solve(side.h, 1.0)
    weight, pull = views.pull()
    side._fit_vectors(matrix @ other, other.T @ other, 1.0)

    def value(h):
        error = ((matrix.toarray() - h @ side.r.T @ other.T) ** 2).sum()
        tie = 0.3 * ((side.codes - h @ side.r.T) ** 2).sum()
        return error + tie + weight * (h**2).sum() - 2 * (h * pull).sum()

    best = value(side.h)
    for _ in range(50):
        assert value(side.h + 0.01 * rng.standard_normal((30, 4))) > best


def test_decomposition_does_not_need_a_global_state():
    matrix = sp.random(50, 40, 0.2, format="csr", random_state=np.random.default_rng(0))
    for rank in (3, 30, 60):
        p, q = singular_vectors(matrix, rank, np.random.default_rng(1))
        again = singular_vectors(matrix, rank, np.random.default_rng(1))
        np.testing.assert_array_equal(p, again[0])
        np.testing.assert_array_equal(q, again[1])
        values = np.linalg.svd(matrix.toarray(), compute_uv=False)
        gap = ((matrix.toarray() - p @ q.T) ** 2).sum()
        assert gap == pytest.approx((values[rank:] ** 2).sum(), abs=0.5)


def test_unit_ratings():
    matrix = sp.csr_matrix(np.array([[1.0, 5.0], [0.0, 3.0]]))
    np.testing.assert_allclose(unit_ratings(matrix).toarray(), [[0.2, 1], [0, 0.6]])
    binary = sp.csr_matrix(np.eye(2))
    np.testing.assert_array_equal(unit_ratings(binary).toarray(), np.eye(2))


def test_objective_falls_and_cold_items_find_their_users():
    rng = np.random.default_rng(5)
    groups = rng.integers(0, 4, 120)
    likes = groups[:, None] == np.arange(90) % 4
    matrix = sp.csr_matrix((rng.random((120, 90)) < np.where(likes, 0.5, 0.05)) * 1.0)
    users, items = np.eye(4)[groups], np.eye(4)[np.arange(90) % 4]
    side = {"user_features": [users, rng.random((120, 3))], "item_features": items}
    model = hf.create("mdcf", n_bits=16, random_state=0).fit(
        matrix, side_info=side, show_progress=False
    )
    values = [row["objective"] for row in model.history_ if row.get("stage") is None]
    assert len(values) == MultiViewALM().rounds
    assert values[-1] < values[0]
    assert (np.diff(values[10:]) < 1e-3 * values[0]).all()  # the damped steps settle
    cold = model.encode_items(features=items)
    scores = -hf.hamming_matrix(model.user_codes_, cold).astype(float)
    assert scores[likes].mean() > scores[~likes].mean() + 2
