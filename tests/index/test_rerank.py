# SPDX-License-Identifier: Apache-2.0
"""The second stage against its twin, at every level and type."""

import numpy as np
import pytest
from score_cases import check

import hashrec_fast as hf
from hashrec_fast.testing import reference_scores as reference


def vectors_of(dtype, n, length, rng):
    if dtype == np.int8:
        return rng.integers(-128, 128, (n, length)).astype(np.int8)
    values = rng.standard_normal((n, length)).astype(dtype)
    if n > 4:
        values[0] = 0
        values[1] *= dtype(1e-6)  # subnormal in half precision
        values[2] = values[3]
        values[4] *= dtype(6e4 if dtype == np.float16 else 1e30) / dtype(8)
    return values


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 64, 100])
@pytest.mark.parametrize(
    ("user_type", "item_type"),
    [
        (np.float32, np.float32),
        (np.float32, np.float16),
        (np.float16, np.float16),
        (np.float16, np.float32),
        (np.int8, np.int8),
    ],
)
def test_types(simd_level, user_type, item_type, length, rng):
    users = vectors_of(user_type, 11, length, rng)
    items = vectors_of(item_type, 50, length, rng)
    ids = rng.integers(-1, 50, (11, 30))  # with repeats
    ids[3] = -1
    ids[4] = 7
    for k in (1, 10, 40):
        expected = reference.rerank(users, items, ids, k)
        for num_threads in (1, 2, 3):
            check(hf.rerank(users, items, ids, k, num_threads=num_threads), expected)


def test_scales(simd_level, rng):
    users, items = vectors_of(np.int8, 9, 33, rng), vectors_of(np.int8, 40, 33, rng)
    ids = rng.integers(-1, 40, (9, 20))
    user_scales = rng.standard_normal(9).astype(np.float32)
    item_scales = np.exp(rng.standard_normal(40) * 20).astype(np.float32)
    for first, second in ((user_scales, None), (None, item_scales), (user_scales, item_scales)):
        scales = {"user_scales": first, "item_scales": second}
        check(
            hf.rerank(users, items, ids, 8, **scales),
            reference.rerank(users, items, ids, 8, **scales),
        )


def test_long_int8(simd_level):
    users = np.full((1, 200_000), -128, np.int8)
    items = np.array([[-128] * 200_000, [127] * 200_000], np.int8)
    scores, ids = hf.rerank(users, items, [[1, 0]], 2)
    assert scores.tolist() == [[np.float32(128 * 128 * 200_000), np.float32(-128 * 127 * 200_000)]]
    assert ids.tolist() == [[0, 1]]


def test_every_half(simd_level):
    """All finite half-precision numbers are read exactly."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    items = np.ascontiguousarray(halves[:, None])
    n = len(items)
    scores, ids = hf.rerank(np.ones((1, 1), np.float32), items, np.arange(n)[None, :], n)
    np.testing.assert_array_equal(scores[0], halves[ids[0]].astype(np.float32))


def test_range_and_order(rng):
    users = np.full((1, 16), 3e38, np.float32)
    items = np.array([[3e38] * 16, [-3e38] * 16, [1e38] * 16], np.float32)
    largest = np.finfo(np.float32).max
    scores, ids = hf.rerank(users, items, [[2, 1, 0]], 4)
    assert ids.tolist() == [[0, 2, 1, -1]]
    assert scores.tolist() == [[largest, largest, -largest, -np.inf]]


def test_empty():
    users, items = np.ones((0, 4), np.float32), np.ones((3, 4), np.float32)
    assert hf.rerank(users, items, np.zeros((0, 5), np.int64), 2)[0].shape == (0, 2)
    scores, ids = hf.rerank(items, users, np.zeros((3, 0), np.int64), 2)
    assert (ids == -1).all()
    assert (scores == -np.inf).all()


def test_cascade(rng):
    """Codes find candidates, real vectors order them: complete with all candidates."""
    items = rng.standard_normal((300, 16)).astype(np.float32)
    users = rng.standard_normal((5, 16)).astype(np.float32)
    index = hf.LinearScan(n_bits=16)
    index.add(hf.pack(items))
    candidates = index.search_asymmetric(users, 300)[1]
    ids = hf.rerank(users, items, candidates, 10)[1]
    order = np.argsort(-(users.astype(np.float64) @ items.T.astype(np.float64)), axis=1)
    np.testing.assert_array_equal(ids, order[:, :10])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [3, 8])  # in a whole vector and after it
def test_not_finite(simd_level, bad, place):
    users, ids = np.ones((2, 9), np.float32), np.zeros((2, 5), np.int64)
    for dtype in (np.float32, np.float16):
        items = np.ones((3, 9), dtype)
        items[0, place] = bad
        with pytest.raises(ValueError, match="NaN or infinity"):
            hf.rerank(users, items, ids, 1)
        assert hf.rerank(users, items, ids + 1, 1)[0].tolist() == [[9.0], [9.0]]


def test_errors():
    users, items = np.ones((2, 9), np.float32), np.ones((3, 9), np.float32)
    ids = np.zeros((2, 5), np.int64)
    for bad in (3, -2, 2**40):
        wrong = ids.copy()
        wrong[1, 4] = bad
        with pytest.raises(ValueError, match=r"ids must be -1 \(none\) or from 0 to 2"):
            hf.rerank(users, items, wrong, 1)
    bytes_ = np.ones((2, 4), np.int8)
    with pytest.raises(ValueError, match="NaN or infinity"):
        hf.rerank(bytes_, bytes_, ids, 1, user_scales=[np.nan, 1])
    with pytest.raises(ValueError, match="user_scales must be float32"):
        hf.rerank(bytes_, bytes_, ids, 1, user_scales=[1.0])
    with pytest.raises(TypeError, match="both be int8 or both float"):
        hf.rerank(users, bytes_, ids, 1)
    with pytest.raises(TypeError, match="scales are for int8"):
        hf.rerank(users, items, ids, 1, item_scales=np.ones(3))
    with pytest.raises(TypeError, match="got float64"):
        hf.rerank(users.astype(np.float64), items, ids, 1)
    with pytest.raises(TypeError, match="got list"):
        hf.rerank([[1.0]], items, ids, 1)
    with pytest.raises(ValueError, match="item_vectors must be float32"):
        hf.rerank(users, np.ones((3, 5), np.float32), ids, 1)
    with pytest.raises(ValueError, match="C-contiguous"):
        hf.rerank(users, np.ones((3, 8), np.float32)[:, ::2], ids, 1)
    with pytest.raises(ValueError, match=r"ids must have shape \(2, n_candidates\)"):
        hf.rerank(users, items, ids[:1], 1)
    with pytest.raises(TypeError, match="ids must be integers"):
        hf.rerank(users, items, ids.astype(float), 1)
    with pytest.raises(ValueError, match="k must be at least 1"):
        hf.rerank(users, items, ids, 0)
    with pytest.raises(ValueError, match="num_threads"):
        hf.rerank(users, items, ids, 1, num_threads=-1)
