# SPDX-License-Identifier: Apache-2.0
"""Layer-scaled search against full sorts and dense products."""

import numpy as np
import pytest
from score_cases import KINDS, LARGEST, check, first, make_index, remembered, some_codes

from hashrec_fast.kernels.packing import pack, unpack
from hashrec_fast.testing import reference_scores as reference

LAYERS = [
    (1,),
    (64,),
    (1, 1, 1),
    (7, 64, 65, 100),
    (64, 64, 64),
    (128, 64),
    (63, 1, 64),
    (3, 126, 5, 64, 2),
    (100, 100, 100),
    (256, 256),
]


@remembered
def best_scaled(codes, queries, query_scales, item_scales, blocks, k, bias=None, **filters):
    rows = [
        reference.scaled_scores(codes, q, u, item_scales, blocks, bias)
        for q, u in zip(queries, query_scales, strict=True)
    ]
    values = np.array(rows, np.float32).reshape(len(queries), len(codes))
    return reference.best(values, k, largest=True, missing=-np.inf, **filters)


def some_scales(n, n_layers, rng):
    """Of any sign and size, some alike."""
    scales = rng.standard_normal((n, n_layers)).astype(np.float32)
    scales[1::7] = 1
    scales[2::7] = 0
    scales[3::97] *= np.float32(1e20)
    scales[4::97] *= np.float32(1e-42)
    return scales


@pytest.mark.parametrize("blocks", LAYERS, ids=str)
def test_layers(simd_level, blocks, rng):
    n_bits = sum(blocks)
    for n in (0, 1, 65, 700):
        codes = some_codes("clustered", n, n_bits, rng)
        queries = some_codes("random", 9, n_bits, rng)
        users, items = some_scales(9, len(blocks), rng), some_scales(n, len(blocks), rng)
        bias = rng.standard_normal(n).astype(np.float32)
        index = make_index(codes, n_bits)
        for extra in (None, bias):
            expected = best_scaled(codes, queries, users, items, blocks, n + 12, bias=extra)
            for k in (1, 10, n + 2):
                found = index.search_scaled(queries, k, users, items, blocks, extra)
                check(found, first(k, expected))


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_and_threads(simd_level, kind, rng):
    """Many rows: blocks, samples, parts per thread; scales alike make ties."""
    n, blocks = 70_003, (40, 24, 36)
    codes = some_codes(kind, n, 100, rng)
    queries = np.concatenate([some_codes("random", 5, 100, rng), codes[:2]])
    users = rng.standard_normal((7, 3)).astype(np.float32)
    items = rng.integers(1, 3, (n, 3)).astype(np.float32)
    expected = best_scaled(codes, queries, users, items, blocks, 600)
    for num_threads in (1, 2, 3):
        index = make_index(codes, 100, num_threads)
        for k in (10, 600):
            check(index.search_scaled(queries, k, users, items, blocks), first(k, expected))


@pytest.mark.parametrize("num_threads", [1, 2, 3])
def test_many_queries_are_one_by_one_the_same(simd_level, num_threads, rng):
    codes = some_codes("random", 5000, 130, rng)
    queries = some_codes("random", 300, 130, rng)
    users, items = some_scales(300, 2, rng), some_scales(5000, 2, rng)
    index = make_index(codes, 130, num_threads)
    found = index.search_scaled(queries, 20, users, items, (65, 65))
    for q in (0, 63, 64, 191, 192, 299):
        one = index.search_scaled(queries[[q]], 20, users[[q]], items, (65, 65))
        check(one, [part[[q]] for part in found])


def test_ties_and_zero(simd_level):
    """Equal scores come by id; scores of zero, of either sign, are one value."""
    n = 9000
    codes = np.zeros((n, 1), np.uint64)
    codes[::3] = 2**16 - 1  # half of 32 bits agree: zero, of the sign of the scales
    items = np.where(np.arange(n) % 2, 1.0, -1.0).astype(np.float32)[:, None]
    items[:, :] *= np.arange(n)[:, None] % 5 < 4
    queries, users = np.zeros((2, 1), np.uint64), np.array([[1.0], [-1.0]], np.float32)
    index = make_index(codes, 32)
    for k in (1, 128, 3000, 6001, n):
        found = index.search_scaled(queries, k, users, items, [32])
        check(found, best_scaled(codes, queries, users, items, (32,), k))


def test_beyond_the_range(simd_level):
    codes = np.arange(200, dtype=np.uint64)[:, None]
    users, items = np.full((1, 2), LARGEST), np.full((200, 2), LARGEST)
    items[100:] *= -1
    scores, ids = make_index(codes, 8).search_scaled(codes[:1], 200, users, items, [4, 4])
    assert scores.max() == np.float32(LARGEST)
    assert scores.min() == -np.float32(LARGEST)
    wanted = best_scaled(codes, codes[:1], users.astype("f4"), items.astype("f4"), (4, 4), 200)
    check((scores, ids), wanted)


@pytest.mark.parametrize("share", [None, 0.5, 0.01])
def test_filters_and_ids(simd_level, share, rng):
    n, blocks = 3000, (70, 30)
    codes = some_codes("clustered", n, 100, rng)
    queries = codes[:16].copy()
    users, items = some_scales(16, 2, rng), some_scales(n, 2, rng)
    bias = rng.standard_normal(n).astype(np.float32)
    ids = rng.permutation(5 * n)[:n].astype(np.int64)
    lists = [rng.permutation(ids)[: 30 * q] for q in range(16)]
    filters = {"exclude": (np.cumsum([0, *map(len, lists)]), np.concatenate(lists))}
    expected = {"exclude": lists, "ids": ids}
    if share is not None:
        filters["allow"] = ids[rng.random(n) < share]
        expected["allow"] = filters["allow"]
    index = make_index(codes, 100, ids=ids)
    rising = np.argsort(ids)
    items_of, bias_of = items[rising], bias[rising]
    found = index.search_scaled(queries, 40, users, items_of, blocks, bias_of, **filters)
    check(found, best_scaled(codes, queries, users, items, blocks, 40, bias=bias, **expected))


@pytest.mark.parametrize("blocks", [(64, 64, 64), (7, 65, 100), (300,)])
def test_dense_product(simd_level, blocks, rng):
    """Packed words and floats give the products of the real vectors they stand for, exactly."""
    n_bits, repeats = sum(blocks), np.asarray(blocks)
    users = rng.integers(-8, 9, (6, len(blocks))) / 8  # dyadic: no sum rounds
    items = rng.integers(1, 9, (500, len(blocks))) / 8
    user_signs = rng.choice(np.array([-1, 1], np.int8), (6, n_bits))
    item_signs = rng.choice(np.array([-1, 1], np.int8), (500, n_bits))
    left = np.repeat(users, repeats, axis=1) * user_signs
    right = np.repeat(items, repeats, axis=1) * item_signs
    index = make_index(pack(item_signs), n_bits)
    scores, ids = index.search_scaled(pack(user_signs), 500, users, items, blocks)
    np.testing.assert_array_equal(scores, np.take_along_axis(left @ right.T, ids, axis=1))
    np.testing.assert_array_equal(np.sort(ids), np.tile(np.arange(500), (6, 1)))


def test_projected_is_dense_too(simd_level, rng):
    """``popcount(u & ~i)``: the user's bits switch dimensions off (Hansen et al., WWW 2021)."""
    n_bits = 100
    codes = some_codes("random", 500, n_bits, rng)
    queries = some_codes("random", 6, n_bits, rng)
    u, i = unpack(queries, n_bits) > 0, unpack(codes, n_bits) > 0
    masked = 2.0 * (u[:, None, :] & i[None, :, :]) - 1
    dense = np.einsum("qd,qnd->qn", 2.0 * u - 1, masked)  # n_bits - 2 * dissimilarity
    distances, ids = make_index(codes, n_bits).search_projected(queries, 500)
    found = np.take_along_axis(dense, ids, axis=1)
    np.testing.assert_array_equal(n_bits - 2 * distances, found)
    np.testing.assert_array_equal(np.sort(ids), np.tile(np.arange(500), (6, 1)))


def test_one_layer_of_ones_is_the_biased_search(simd_level, rng):
    codes, queries = some_codes("random", 4000, 64, rng), some_codes("random", 5, 64, rng)
    index, bias = make_index(codes, 64), np.zeros(4000)
    found = index.search_scaled(queries, 50, np.ones((5, 1)), np.ones((4000, 1)), [64])
    check(found, index.search_biased(queries, 50, bias))


BAD = [
    ({"blocks": [4, 3]}, ValueError, r"blocks must add up to n_bits=8, got \[4, 3\]"),
    ({"blocks": [8, 0]}, ValueError, r"blocks\[1\] must be at least 1"),
    ({"blocks": [12, -4]}, ValueError, r"blocks\[1\] must be at least 1"),
    ({"blocks": []}, ValueError, "add up"),
    ({"blocks": [4.0, 4.0]}, TypeError, r"blocks\[0\] must be an integer"),
    ({"blocks": 8}, TypeError, "sequence"),
    ({"blocks": "44"}, TypeError, "sequence"),
    ({"query_scales": np.ones((2, 1))}, ValueError, r"query_scales must have shape \(2, 2\)"),
    ({"query_scales": np.ones(2)}, ValueError, r"query_scales must have shape \(2, 2\)"),
    ({"query_scales": [["a", "b"]] * 2}, TypeError, "query_scales must be real numbers"),
    ({"item_scales": np.ones((49, 2))}, ValueError, r"item_scales must have shape \(50, 2\)"),
    ({"item_scales": np.full((50, 2), np.nan)}, ValueError, "item_scales must be finite"),
    ({"item_scales": np.full((50, 2), 1e39)}, ValueError, "item_scales must be finite"),
    ({"item_bias": np.ones(49)}, ValueError, r"item_bias must have shape \(50,\)"),
    ({"item_bias": np.full(50, np.inf)}, ValueError, "item_bias must be finite"),
    ({"queries": np.full((2, 1), 256, np.uint64)}, ValueError, "beyond n_bits=8"),
    ({"queries": [[1], [2]]}, TypeError, "numpy array"),
    ({"k": 0}, ValueError, "k must be at least 1"),
    ({"allow": [50]}, ValueError, "id 50"),
]


@pytest.mark.parametrize(("change", "error", "words"), BAD)
def test_errors(change, error, words, rng):
    good = {
        "queries": some_codes("random", 2, 8, rng),
        "k": 3,
        "query_scales": np.ones((2, 2)),
        "item_scales": np.ones((50, 2)),
        "blocks": [4, 4],
    }
    index = make_index(some_codes("random", 50, 8, rng), 8)
    index.search_scaled(**good)
    with pytest.raises(error, match=words):
        index.search_scaled(**(good | change))


def test_nothing_allowed(rng):
    index = make_index(some_codes("random", 50, 8, rng), 8)
    ones = np.ones((50, 1))
    scores, ids = index.search_scaled(index.reconstruct([0]), 2, ones[:1], ones, [8], allow=[])
    assert np.isneginf(scores).all()
    assert (ids == -1).all()
