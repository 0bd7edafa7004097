# SPDX-License-Identifier: Apache-2.0
"""Providers of linear terms: their auxiliary variables are optimal, their values are right."""

import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.data.side_inputs import SideInfo
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.losses import FeatureRidge, FeatureStiefel, TwoDelegates
from hashrec_fast.solvers.alternation import alternate
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.linear_terms import bind_linear_terms, encode_features, encoded_sides
from hashrec_fast.solvers.linear_terms import ridge as ridge_module
from hashrec_fast.solvers.state import SignState

N_USERS, N_ITEMS, N_BITS = 40, 30, 12


@pytest.fixture
def states(rng):
    rows = {"user": N_USERS, "item": N_ITEMS}
    return {side: SignState.random(n, N_BITS, rng) for side, n in rows.items()}


def context(rng, n_features=9):
    features = sp.random(N_ITEMS, n_features, 0.5, format="csr", random_state=rng)
    return FitContext(N_BITS, rng, side_info=SideInfo(item_features=(features,)))


def bound(term, states, setting):
    return bind_linear_terms(Terms((term,)), states, setting)


def signs(state):
    return state.real()[:, :N_BITS]


@pytest.mark.parametrize("direct", [True, False])
def test_ridge_is_the_minimiser(direct, states, rng, monkeypatch):
    if not direct:
        monkeypatch.setattr(ridge_module, "DIRECT", 0)
    setting = context(rng)
    (term,) = bound(FeatureRidge(item_weight=2.0, reg=0.5), states, setting)
    x, b = setting.side_info.item_features[0].toarray(), signs(states["item"])
    w = np.linalg.solve(2.0 * x.T @ x + 0.5 * np.eye(9), 2.0 * x.T @ b)
    np.testing.assert_allclose(term.export()["item_map"], w, atol=1e-4)
    expected = 2.0 * ((b - x @ w) ** 2).sum() + 0.5 * (w**2).sum()
    assert term.value(states) == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(term.linear(states).rows[:, :N_BITS], 2 * x @ w, atol=1e-3)
    new = sp.csr_matrix(x[:4])
    encoded = encode_features((new,), "item", term.export(), Terms((FeatureRidge(),)))
    np.testing.assert_allclose(encoded, x[:4] @ w, atol=1e-4)


def test_ridge_knows_its_sides():
    assert FeatureRidge(item_weight=0.0, user_weight=1.0).needs == {"user_features"}
    assert encoded_sides(Terms((FeatureRidge(user_weight=1.0),))) == {"user", "item"}
    with pytest.raises(ValueError, match="no term of this method encodes users"):
        encode_features((), "user", {}, Terms((FeatureRidge(),)))


@pytest.mark.parametrize("n_features", [4, 9, 40])
def test_stiefel_is_orthonormal_and_best(n_features, states, rng):
    setting = context(rng, n_features)
    (term,) = bound(FeatureStiefel(weight=1.5), states, setting)
    w = term.export()["item_map"]
    small = w.T @ w if n_features >= N_BITS else w @ w.T
    np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-9)
    predicted = term.linear(states).rows[:, :N_BITS]
    assert term.value(states) == pytest.approx(-2 * (predicted * signs(states["item"])).sum())
    x = predicted @ np.linalg.pinv(1.5 * w)
    for _ in range(20):
        other = np.linalg.qr(rng.standard_normal((max(w.shape), min(w.shape))))[0]
        other = other if w.shape[0] >= w.shape[1] else other.T
        if n_features < N_BITS:
            assert (x @ other * signs(states["item"])).sum() <= -term.value(states) / 3 + 1e-6


def test_two_delegates(states):
    term = TwoDelegates(balance=0.7, decorrelation=0.3)
    linear_terms = {one.side: one for one in bound(term, states, FitContext(N_BITS, None))}
    b = signs(states["user"])
    left, _, right = np.linalg.svd(b, full_matrices=False)
    balanced, turned = b - b.mean(axis=0), np.sqrt(N_USERS) * left @ right
    expected = 0.7 * ((b - balanced) ** 2).sum() + 0.3 * ((b - turned) ** 2).sum()
    assert linear_terms["user"].value(states) == pytest.approx(expected)
    linear = linear_terms["user"].linear(states)
    got = (states["user"].real() - linear.delegate.mean) @ linear.delegate.matrix
    np.testing.assert_allclose(got[:, :N_BITS], 0.7 * balanced + 0.3 * turned, atol=1e-8)


def test_two_delegates_of_equal_codes(states):
    states["user"].values[:, :N_BITS] = 256
    (term, _) = bound(TwoDelegates(), states, FitContext(N_BITS, None))
    linear = term.linear(states)
    assert np.isfinite(linear.delegate.matrix).all()
    assert np.isfinite(term.value(states))
    (off, _) = bound(TwoDelegates(balance=0.0, decorrelation=0.0), states, FitContext(N_BITS, None))
    assert off.linear(states) is NO_LINEAR


@pytest.mark.parametrize(
    "term", [FeatureRidge(item_weight=20.0), FeatureStiefel(weight=20.0), TwoDelegates(balance=5.0)]
)
def test_objective_never_rises_with_linear_terms(term, states, rng):
    pairs = sp.random(N_USERS, N_ITEMS, 0.3, format="csr", random_state=rng)
    pairs.data = rng.integers(1, 6, pairs.nnz).astype(np.float64)
    data_term = ObservedSquares.of_ratings(pairs, RatingScale.of(pairs), N_BITS)
    linear_terms = bound(term, states, context(rng))
    history = alternate(data_term, linear_terms, states, rounds=20, sweeps=5)
    values = [row["objective"] for row in history]
    assert len(values) > 2
    assert (np.diff(values) <= 1e-6).all()
