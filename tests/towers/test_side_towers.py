# SPDX-License-Identifier: Apache-2.0
"""Towers of one side, of histories and of outfits against plain computations."""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.retrieval.similarities import Biased, Projected
from hashrec_fast.training.linear_rows import linear_codes

torch = pytest.importorskip("torch")

from hashrec_fast.towers import Content, Outfits, Sides  # noqa: E402
from hashrec_fast.towers.attention_history import Attention, times_of  # noqa: E402
from hashrec_fast.towers.layers.padded_rows import PaddedRows, levels_of  # noqa: E402
from hashrec_fast.towers.layers.sparse_rows import SparseRows  # noqa: E402
from hashrec_fast.towers.outfit_graph import GraphAttention, links_of  # noqa: E402
from hashrec_fast.towers.outfits import mean_products  # noqa: E402


def test_sparse_rows_times_weights(rng):
    dense = rng.standard_normal((8, 5)) * (rng.random((8, 5)) < 0.5)
    rows = torch.tensor([6, 0, 0, 3])
    weight = torch.from_numpy(rng.standard_normal((5, 3))).float().requires_grad_(True)
    scale = torch.rand(5, requires_grad=True)
    got = SparseRows(sp.csr_matrix(dense)).times(rows, weight, scale)
    expected = torch.from_numpy(dense).float()[rows] * scale @ weight
    torch.testing.assert_close(got, expected)
    ours = torch.autograd.grad(got.square().sum(), (weight, scale))
    theirs = torch.autograd.grad(expected.square().sum(), (weight, scale))
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("name", ["cgh", "neuhash_cf"])
def test_training_rows_encode_to_their_own_codes(name, rng, tmp_path):
    features = sp.csr_matrix(rng.random((50, 7)) < 0.4, dtype=np.float64)
    side = dict.fromkeys(hf.describe(name)["side_info"]["needs"], features)
    ratings = sp.csr_matrix(rng.integers(1, 6, (50, 50)) * (rng.random((50, 50)) < 0.3))
    settings = {"epochs": 2} | ({"tower__item__hidden": (9, 8)} if name != "cgh" else {})
    model = hf.create(name, n_bits=70, random_state=0, **settings)
    model.fit(ratings, side_info=side, show_progress=False)
    model.save(tmp_path / "model")
    loaded = hf.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.encode_items(features=features), model.item_codes_)
    if name == "cgh":
        np.testing.assert_array_equal(loaded.encode_users(features=features), model.user_codes_)


def test_projected_scores_are_exact_and_multilinear(rng):
    signs = rng.choice([-1.0, 1.0], (2, 6, 33))
    users, items = hf.pack(signs[0]), hf.pack(signs[1])
    found = Projected().scores(torch.from_numpy(signs[0]), torch.from_numpy(signs[1]))
    wanted = [[33 - 2 * int(np.bitwise_count(u & ~i).sum()) for i in items] for u in users]
    np.testing.assert_array_equal(found, wanted)
    # the expectation over independent bits is the same polynomial at the means
    means = rng.uniform(-1, 1, (2, 4))
    total = 0.0
    for bits in np.ndindex(*[2] * 8):
        x = 2.0 * np.reshape(bits, (2, 4)) - 1
        share = float(np.prod((1 + x * means) / 2))
        total += share * float(Projected().scores(*(torch.from_numpy(r[None]) for r in x)))
    at_means = float(Projected().scores(*(torch.from_numpy(r[None]) for r in means)))
    assert at_means == pytest.approx(total)


@pytest.mark.parametrize("kind", [Projected(), Biased()])
@pytest.mark.parametrize("side", ["user", "item"])
def test_linear_form_of_a_similarity(kind, side, rng):
    signs = {name: rng.choice([-1.0, 1.0], (5, 9)) for name in ("user", "item")}
    bias = rng.standard_normal(5)
    fitted = type("Solution", (), {name: hf.pack(rows) for name, rows in signs.items()})()
    fitted.arrays = {"item_bias": bias}
    user, item = kind.factors(fitted, 9)
    linear = kind.linear(fitted, side, 9)
    if linear is None:
        assert (type(kind), side) == (Biased, "item")
        return
    design, constant = linear
    got = signs[side] @ design.T + constant
    expected = kind.scores(*(torch.from_numpy(signs[name]) for name in ("user", "item"))).numpy()
    expected = expected + (bias if isinstance(kind, Biased) else 0)
    np.testing.assert_allclose(got, expected if side == "user" else expected.T)
    ranked = np.argsort(user @ item.T, axis=1, kind="stable")
    np.testing.assert_array_equal(ranked, np.argsort(expected, axis=1, kind="stable"))


@pytest.mark.parametrize("rest", [0.0, 0.1])
def test_linear_codes_cannot_be_bettered_by_a_flip(rest, rng):
    design, constant = rng.standard_normal((20, 6)), rng.standard_normal(20)
    rows = sp.random(7, 20, 0.4, format="csr", random_state=rng)
    targets = rng.standard_normal(rows.nnz) * 3
    codes = linear_codes(rows, targets, design, constant, rest_weight=rest, rest_target=-2.0)
    signs = hf.unpack(codes, 6).astype(float)

    def cost(r, x):
        part = slice(rows.indptr[r], rows.indptr[r + 1])
        wanted, weight = np.full(20, -2.0), np.full(20, rest)
        wanted[rows.indices[part]], weight[rows.indices[part]] = targets[part], 1.0
        return float(weight @ (wanted - design @ x - constant) ** 2)

    for r in range(7):
        for k in range(6):
            other = signs[r].copy()
            other[k] *= -1
            assert cost(r, signs[r]) <= cost(r, other) + 1e-9


def test_histories_are_the_newest_interactions():
    matrix = sp.csr_matrix(np.array([[3, 5, 4, 0], [0, 0, 0, 0], [0, 1, 0, 2]], dtype=float))
    times = sp.csr_matrix(np.array([[30, 10, 20, 0], [0, 0, 0, 0], [0, 7, 0, 0]], dtype=float))
    stamps = times_of(matrix, times)
    np.testing.assert_array_equal(stamps, [30, 10, 20, 7, -np.inf])
    values = np.array([3, 5, 4, 1, 2])
    newest = PaddedRows(matrix, 2, values, stamps)
    np.testing.assert_array_equal(newest.columns, [[0, 2], [0, 0], [1, 3]])
    np.testing.assert_array_equal(newest.values, [[3, 4], [0, 0], [1, 2]])
    np.testing.assert_array_equal(newest.there, [[1, 1], [0, 0], [1, 1]])
    spread = PaddedRows(matrix, 2, values)
    np.testing.assert_array_equal(spread.columns[0], [0, 1])
    assert levels_of(np.array([2.0, 5.0, 2.0]), 10)[0].tolist() == [0, 1, 0]
    many, count = levels_of(np.arange(100.0), 4)
    assert (count, many.tolist()) == (4, [i * 4 // 100 for i in range(100)])


def test_attention_leaves_out_what_is_not_there():
    torch.manual_seed(0)
    part, values, query = Attention(4, 3), torch.randn(2, 5, 4), torch.randn(2, 5, 3)
    there = torch.tensor([[True, True, False, False, False], [False] * 5])
    got = part(values, query, there)
    torch.testing.assert_close(got[:1], part(values[:1, :2], query[:1, :2], there[:1, :2]))
    assert (got[1] == 0).all()


def test_times_order_the_histories(rng):
    """Without times order says nothing; with them the network has a vector per place."""
    ratings = sp.csr_matrix(rng.integers(1, 6, (20, 20)) * (rng.random((20, 20)) < 0.5))
    side = {"social": sp.eye(20, k=1, format="csr")}
    quick = {"epochs": 1, "tower__width": 8, "random_state": 0, "n_bits": 16}
    plain = hf.create("tsgnh", **quick).fit(ratings, side_info=side, show_progress=False)
    stamps = sp.csr_matrix(rng.permutation(400).reshape(20, 20) + 1)
    codes = []
    for times in (stamps, stamps * 3, sp.csr_matrix(401 - stamps.toarray())):
        model = hf.create("tsgnh", tower__history=4, **quick)
        model.fit(ratings, side_info=side | {"timestamps": times}, show_progress=False)
        codes.append(model.user_codes_)
    np.testing.assert_array_equal(codes[0], codes[1])  # only the order counts
    assert (codes[0] != codes[2]).any()
    assert plain.user_codes_.shape == codes[0].shape


def test_mean_products_and_the_constant_of_an_outfit():
    torch.manual_seed(0)
    rows = torch.randn(5, 3)
    places, offsets = torch.tensor([0, 2, 4, 1, 3, 1]), torch.tensor([0, 3, 4, 6])
    got = mean_products(rows, places, offsets)
    for outfit in range(3):
        members = places[offsets[outfit] : offsets[outfit + 1]]
        pairs = [rows[i] * rows[j] for i, j in combinations(members.tolist(), 2)]
        expected = torch.stack(pairs).mean(0) if pairs else torch.zeros(3)
        torch.testing.assert_close(got[outfit], expected, atol=1e-6, rtol=1e-5)


def test_exported_constants_are_the_agreement_of_garments(rng):
    outfits = sp.csr_matrix(np.eye(12, 6) + np.eye(12, 6, k=-3) + np.eye(6)[rng.integers(0, 6, 12)])
    side = {"outfits": outfits, "garment_features": [rng.random((6, 4)), np.eye(6)]}
    liked = sp.csr_matrix(rng.random((9, 12)) < 0.4, dtype=np.float32)
    model = hf.create("fhn", n_bits=16, random_state=0, **{"epochs": 2})
    model.fit(liked, side_info=side, show_progress=False)
    bias = model.fitted_.arrays["item_bias"]
    assert bias.shape == (12,)
    assert (np.abs(bias) <= 16 * 1.1).all()  # the learned weights are still near one
    assert np.ptp(bias) > 0
    ids, scores = model.recommend(2, N=12, filter_already_liked_items=False)
    signs = hf.unpack(model.item_codes_, 16) @ hf.unpack(model.user_codes_, 16)[2].astype(np.int64)
    np.testing.assert_allclose(scores, (signs + bias)[ids], rtol=1e-6)
    assert (np.diff(scores) <= 0).all()


def test_graph_attention_against_a_loop():
    torch.manual_seed(0)
    layer, nodes = GraphAttention(6, 2), torch.randn(4, 6)
    links = links_of(sp.csr_matrix(np.array([[1.0, 0.0], [1.0, 1.0]])))
    neighbours = [[0, 2], [1, 2, 3], [2, 0, 1], [3, 1]]
    rows = (nodes @ layer.weight).view(4, 2, 3)
    got = layer(nodes, links).view(4, 2, 3)
    for node, near in enumerate(neighbours):
        for head in range(2):
            own = rows[node, head] @ layer.target[head]
            scores = torch.stack([rows[j, head] @ layer.source[head] + own for j in near])
            weights = torch.nn.functional.leaky_relu(scores, 0.2).softmax(0)
            torch.testing.assert_close(got[node, head], weights @ rows[near, head])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Content(decoder="x"), "decoder must be one of"),
        (lambda: Content(dropout=1.0), "dropout must be below 1"),
        (lambda: Content(hidden=(0,)), "hidden must be a tuple, each at least 1"),
        (lambda: Outfits(dropout=-1.0), "dropout must be at least 0"),
    ],
)
def test_settings_are_checked(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_sides_know_what_they_need():
    both = Sides(user=Content(), item=Content())
    assert both.needs == {"user_features", "item_features"}
    assert dataclasses.replace(both, user=Sides().user).feature_sides() == {"item"}
    with pytest.raises(NotImplementedError, match="Outfits cannot serve the users alone"):
        Outfits().build_side(None, "user")


def test_ratings_stand_alone_and_equal_ones_get_negatives(rng):
    from hashrec_fast.training import Observed

    seen = sp.csr_matrix(rng.random((9, 12)) < 0.4, dtype=np.float32)
    rated = seen.copy()
    rated.data = rng.integers(1, 6, seen.nnz).astype(np.float32)
    sampler = Observed(batch_size=10, negatives=3)
    assert {batch.items.shape[1] for batch in sampler.batches(rated, rng)} == {1}
    pairs = []
    for batch in sampler.batches(seen, rng):
        assert batch.items.shape[1] == 4
        users = batch.users.numpy()
        found = seen.toarray()[users[:, None], batch.items.numpy()] > 0
        np.testing.assert_array_equal(found, batch.observed.numpy())
        assert (found.sum(1) == 1).all()
        pairs += zip(users.tolist(), batch.items[:, 0].tolist(), strict=True)
    assert sorted(pairs) == sorted(zip(*(x.tolist() for x in seen.nonzero()), strict=True))
    alone = Observed(batch_size=10)
    assert {batch.items.shape[1] for batch in alone.batches(seen, rng)} == {1}
