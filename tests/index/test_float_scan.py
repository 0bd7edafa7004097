# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from hashrec_fast.retrieval import FloatScan, float_scan


def expected(items, queries, k, excluded=None, allowed=None):
    scores = queries @ items.T
    if allowed is not None:
        scores[:, ~allowed] = -np.inf
    if excluded is not None:
        for row, ids in zip(scores, excluded, strict=True):
            row[list(ids)] = -np.inf
    ids = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(scores, ids, axis=1)
    pad = ((0, 0), (0, k - ids.shape[1]))
    best = np.pad(best, pad, constant_values=-np.inf)
    return best, np.where(best == -np.inf, -1, np.pad(ids, pad))


@pytest.mark.parametrize("block", [1, 100, 1 << 24])
@pytest.mark.parametrize("k", [1, 5, 60, 61, 100])
def test_search(monkeypatch, block, k, rng):
    monkeypatch.setattr(float_scan, "_BLOCK_SCORES", block)
    items = rng.integers(-2, 3, (60, 4)).astype(np.float32)  # small integers: exact, many ties
    queries = rng.integers(-2, 3, (7, 4)).astype(np.float32)
    scan = FloatScan(items)
    assert len(scan) == 60
    allowed = rng.random(60) < 0.5
    lists = [rng.permutation(60)[:size] for size in (0, 1, 2, 30, 60, 5, 0)]
    pair = (np.cumsum([0, *map(len, lists)]), np.concatenate(lists))
    for keywords, reference in (
        ({}, {}),
        ({"exclude": pair}, {"excluded": lists}),
        ({"exclude": pair, "allow": allowed}, {"excluded": lists, "allowed": allowed}),
    ):
        scores, ids = scan.search(queries, k, **keywords)
        wanted = expected(items, queries, k, **reference)
        assert (scores.dtype, ids.dtype) == (np.float32, np.int64)
        np.testing.assert_array_equal(scores, wanted[0])
        np.testing.assert_array_equal(ids, wanted[1])


def test_empty():
    scores, ids = FloatScan(np.zeros((0, 3))).search(np.zeros((2, 3)), 2)
    assert ids.tolist() == [[-1, -1]] * 2
    assert np.isneginf(scores).all()


def test_bad_input():
    with pytest.raises(ValueError, match="n_factors"):
        FloatScan(np.zeros(3))
    with pytest.raises(ValueError, match="finite"):
        FloatScan(np.array([[np.nan]]))
    with pytest.raises(TypeError, match="numbers"):
        FloatScan(np.array([["a"]]))
    scan = FloatScan(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"\(n, 3\), got \(1, 2\)"):
        scan.search(np.zeros((1, 2)), 1)
    with pytest.raises(ValueError, match="finite"):
        scan.search(np.full((1, 3), np.inf), 1)
    with pytest.raises(ValueError, match="k must be"):
        scan.search(np.zeros((1, 3)), 0)
    with pytest.raises(ValueError, match="id 2"):
        scan.search(np.zeros((1, 3)), 1, exclude=([0, 1], [2]))
