# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from hashrec_fast import hamming_matrix, quantizers, unpack
from hashrec_fast.quantizers import ITQ, Median, NormBits, NormLevels, Quantizer, Sign
from hashrec_fast.quantizers.median import medians
from hashrec_fast.quantizers.rotation import equal_norms, item_weight, learn_rotation
from hashrec_fast.testing.reference_two_stage import norm_bits, rotation_rounds

ALL = [
    part()
    for part in (getattr(quantizers, name) for name in quantizers.__all__)
    if part is not Quantizer
]


def factors(rng, n_users=41, n_items=30, d=12):
    common = rng.standard_normal((d, d)) * np.linspace(2, 0.3, d)
    user, item = (rng.standard_normal((n, d)) @ common for n in (n_users, n_items))
    return user.astype(np.float32), (item * rng.uniform(0.2, 3, (n_items, 1))).astype(np.float32)


@pytest.mark.parametrize("quantizer", ALL, ids=lambda q: type(q).__name__)
@pytest.mark.parametrize("n_bits", [1, 2, 3, 8, 33, 100])
def test_protocol(quantizer, n_bits, rng):
    extra = quantizer.extra_bits(n_bits)
    assert 0 <= extra < n_bits
    user, item = factors(rng, d=n_bits - extra)
    state = quantizer.fit(user, item, np.random.default_rng(0))
    again = quantizer.fit(user, item, np.random.default_rng(0))
    for name, array in state.items():
        assert isinstance(array, np.ndarray)
        np.testing.assert_array_equal(array, again[name])
    for side, rows in (("user", user), ("item", item)):
        signs = quantizer.signs(rows, side, state)
        assert signs.dtype == bool
        assert signs.shape[0] == len(rows)
        assert signs.shape[1] == n_bits or (n_bits < 3 and signs.shape[1] > n_bits)
        codes = quantizer.codes(rows, side, state, n_bits)
        np.testing.assert_array_equal(unpack(codes, n_bits) > 0, signs[:, :n_bits])
        # rows that come later, alone or in other company, are treated alike
        np.testing.assert_array_equal(quantizer.codes(rows[5:6], side, state, n_bits), codes[5:6])
        turned = quantizer.codes(rows[::-1].copy(), side, state, n_bits)
        np.testing.assert_array_equal(turned[::-1], codes)


def test_the_base_signs_nothing():
    with pytest.raises(NotImplementedError, match="Quantizer has no signs"):
        Quantizer().signs(np.zeros((1, 1)), "user", {})


def test_zero_is_positive_for_signs_and_a_tie_negative_for_medians():
    zeros = np.zeros((4, 2), dtype=np.float32)
    assert Sign().signs(zeros, "user", {}).all()
    assert Sign().signs(-zeros, "user", {}).all()
    state = Median().fit(zeros, zeros, np.random.default_rng(0))
    assert not Median().signs(zeros, "item", state).any()


@pytest.mark.parametrize("quantizer", [Median(), ITQ()], ids=["median", "itq"])
def test_medians_balance_the_training_rows(quantizer, rng):
    user, item = factors(rng)
    state = quantizer.fit(user, item, rng)
    for side, rows in (("user", user), ("item", item)):
        count = quantizer.signs(rows, side, state).sum(axis=0)
        assert (np.abs(2 * count - len(rows)) <= 1).all()


def test_rotation_keeps_inner_products(rng):
    user, item = factors(rng)
    state = ITQ().fit(user, item, rng)
    turned = user @ state["user_rotation"], item @ state["item_rotation"]
    np.testing.assert_allclose(turned[0] @ turned[1].T, user @ item.T, rtol=1e-4, atol=1e-3)
    scales = equal_norms(user.astype(float), item.astype(float))
    np.testing.assert_allclose(
        np.linalg.norm(user * scales[0], axis=0),
        np.linalg.norm(item * scales[1], axis=0),
        rtol=1e-6,
    )


def test_itq_falls_as_its_plain_twin(rng):
    user, item = (x.astype(np.float64) for x in factors(rng))
    weight = item_weight(len(user), len(item))
    assert weight == pytest.approx(41 / 30)
    rotation, values = learn_rotation(user, item, medians, rounds=8)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(12), atol=1e-12)
    assert len(values) > 3
    assert (np.diff(values) < 0).all()
    twin = rotation_rounds(user, item, weight, lambda c: float(np.median(c)), len(values))
    np.testing.assert_allclose(values, twin, rtol=1e-9)
    np.testing.assert_array_equal(ITQ(rounds=3).fit(user, item, rng)["objective"].shape, (4,))


def test_rotation_brings_codes_nearer_to_inner_products(rng):
    """Anisotropic factors: signs of columns waste bits that a rotation uses."""
    user, item = factors(rng, 300, 200, 16)
    plain = Median().fit(user, item, rng)
    state = ITQ().fit(user, item, rng)
    wanted = (user @ item.T).ravel()
    fits = []
    for quantizer, learnt in ((Median(), plain), (ITQ(), state)):
        codes = (quantizer.codes(x, s, learnt, 16) for x, s in ((user, "user"), (item, "item")))
        fits.append(np.corrcoef(-hamming_matrix(*codes).ravel(), wanted)[0, 1])
    assert fits[1] > fits[0] + 0.02


def test_norm_bits_as_their_plain_twin(rng):
    user, item = factors(rng, d=6)
    state = NormBits().fit(user, item, rng)
    signs = NormBits().signs(item, "item", state)
    np.testing.assert_array_equal(signs[:, :6], item >= 0)
    np.testing.assert_array_equal(signs[:, 6:], norm_bits(item.astype(np.float64)))
    assert len(np.unique(signs[:, 6:].sum(axis=1))) > 1
    assert NormBits().signs(user, "user", state)[:, 6:].all()
    assert [NormBits().extra_bits(n) for n in (1, 2, 3, 64)] == [0, 1, 2, 2]


def test_norm_levels_are_a_thermometer(rng):
    user, item = factors(rng, 200, 150, 20)
    state = NormLevels(most=2).fit(user, item, rng)
    n_norm = state["edges"].size
    assert n_norm in {0, 1, 3}
    assert len(state["error"]) == 3
    assert n_norm == 2 ** int(np.argmin(state["error"])) - 1
    levels = NormLevels().signs(item, "item", state)[:, 20 - n_norm :]
    assert (np.diff(levels.astype(int), axis=1) <= 0).all()
    length = np.linalg.norm(item * state["item_scale"], axis=1)
    edges = np.linspace(length.min(), length.max(), n_norm + 2)[1:-1]
    np.testing.assert_array_equal(levels.sum(axis=1), (length[:, None] > edges).sum(axis=1))
    assert NormLevels().signs(user, "user", state)[:, 20 - n_norm :].all()
    no_levels = NormLevels(most=0).fit(user, item, rng)
    assert no_levels["edges"].size == 0
    assert no_levels["projection"].shape == (20, 20)


def test_norm_levels_are_taken_where_norms_matter(rng):
    user = np.ones((60, 12)) + 0.2 * rng.standard_normal((60, 12))
    item = user[:50] * rng.uniform(0.1, 3, (50, 1))
    assert NormLevels().fit(user, item, rng)["edges"].size == 7
    even = rng.standard_normal((2, 400, 12))
    even /= np.linalg.norm(even, axis=2, keepdims=True)
    assert NormLevels().fit(*even, rng)["edges"].size == 0
