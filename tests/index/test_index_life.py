# SPDX-License-Identifier: Apache-2.0
"""Adding, removing, merging, ids, saving and copying, for every kind of index."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hashrec_fast.retrieval import LinearScan, load_index
from hashrec_fast.testing import reference_search as reference


@pytest.fixture
def codes(rng):
    return reference.codes_of_kind("random", 200, 33, rng)


@pytest.fixture
def index(make, codes):
    index = make(num_threads=1)
    index.add(codes)
    return index


def assert_same(one, other, queries):
    assert (one.n_bits, one.ntotal) == (other.n_bits, other.ntotal)
    for a, b in zip(one.search(queries, 20), other.search(queries, 20), strict=True):
        np.testing.assert_array_equal(a, b)


def test_empty(make):
    index = make(64)
    assert (index.n_bits, index.ntotal, len(index)) == (64, 0, 0)
    distances, ids = index.search(np.zeros((2, 1), np.uint64), 3)
    assert distances.tolist() == ids.tolist() == [[-1] * 3] * 2
    lims, distances, ids = index.within(np.zeros((2, 1), np.uint64), 3)
    assert (lims.tolist(), len(distances), len(ids)) == ([0, 0, 0], 0, 0)
    assert index.reconstruct([]).shape == (0, 1)
    assert index.remove([]) == 0
    assert index.search(np.zeros((0, 1), np.uint64), 3)[0].shape == (0, 3)


def test_add_in_pieces(index, make, codes):
    pieces = make()
    for begin in range(0, 200, 7):
        pieces.add(codes[begin : begin + 7])
        assert pieces.search(codes[begin : begin + 1], 1)[1][0, 0] == begin
    pieces.add(codes[:0])
    assert_same(index, pieces, codes[:9])
    np.testing.assert_array_equal(pieces.reconstruct([5, 199, 5]), codes[[5, 199, 5]])


def test_added_codes_are_copied(make, codes):
    index = make()
    mine = codes.copy()
    index.add(mine)
    mine[:] = 0
    np.testing.assert_array_equal(index.reconstruct(np.arange(200)), codes)


def test_remove(index, codes):
    assert index.remove([3, 199, 0]) == 3
    assert len(index) == 197
    left = np.setdiff1d(np.arange(200), [0, 3, 199])
    expected = reference.search(codes[left], codes[:9], 20, ids=left)
    np.testing.assert_array_equal(index.search(codes[:9], 20)[1], expected[1])
    with pytest.raises(ValueError, match="199, which is not in the index"):
        index.reconstruct([199])
    index.add(codes[:2])  # ids are never given out twice
    np.testing.assert_array_equal(index.reconstruct([200, 201]), codes[:2])
    excluded = (np.array([0, 2]), np.array([3, 200]))  # 3 was removed: ignored
    assert index.search(codes[:1], 1, exclude=excluded)[1][0, 0] not in (0, 3, 200)
    mask = np.zeros(202, bool)
    mask[[0, 201]] = True
    assert index.search(codes[:1], 2, allow=mask)[1].tolist() == [[201, -1]]
    assert index.search(codes[:1], 2, allow=[0, 201])[1].tolist() == [[201, -1]]
    index.remove(index.search(codes[:1], len(index))[1][0])
    assert len(index) == 0
    index.add(codes[:1])
    assert index.search(codes[:1], 1)[1].tolist() == [[202]]


def test_own_ids(make, codes):
    ids = np.random.default_rng(1).permutation(10**12 + 7 * np.arange(200))
    index = make()
    index.add(codes[:150], ids[:150])
    index.add(codes[150:], ids[150:])
    expected = reference.search(codes, codes[:9], 200, ids=ids)
    for got, wanted in zip(index.search(codes[:9], 200), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)
    np.testing.assert_array_equal(index.reconstruct(ids), codes)
    excluded = (np.array([0, 3]), np.array([ids[7], 5, ids[0]]))  # 5 is not held: ignored
    wanted = reference.search(codes, codes[:1], 50, ids=ids, exclude=[[ids[0], ids[7]]])
    np.testing.assert_array_equal(index.search(codes[:1], 50, exclude=excluded)[1], wanted[1])
    wanted = reference.search(codes, codes[:1], 5, ids=ids, allow=ids[:20])
    np.testing.assert_array_equal(index.search(codes[:1], 5, allow=ids[:20])[1], wanted[1])
    index.add(codes[:1])
    np.testing.assert_array_equal(index.reconstruct([ids.max() + 1]), codes[:1])
    index.remove(ids[:199])
    assert len(index) == 2


def test_ties_follow_own_ids(make):
    index = make(8)
    index.add(np.ones((4, 1), np.uint64), [9, 2, 7, 4])
    index.add(np.ones((1, 1), np.uint64), np.array([3], np.uint32))
    assert index.search(np.zeros((1, 1), np.uint64), 4)[1].tolist() == [[2, 3, 4, 7]]


@pytest.mark.parametrize("own_ids", [False, True])
@pytest.mark.parametrize("removed", [[], [0, 5]])
def test_copies(make, codes, tmp_path, own_ids, removed):
    index = make(num_threads=2)
    index.add(codes, np.arange(200)[::-1] * 3 if own_ids else None)
    index.remove([3 * i for i in removed])
    path = tmp_path / "some.index"
    index.save(path)
    index.save(path)  # over an old file
    assert [p.name for p in tmp_path.iterdir()] == ["some.index"]
    others = [
        load_index(path),
        load_index(str(path), mmap=True),
        type(index).from_bytes(bytes(index)),
        pickle.loads(pickle.dumps(index)),
        copy.copy(index),
        copy.deepcopy(index),
    ]
    for other in others:
        assert type(other) is type(index)
        assert other.parameters == index.parameters
        assert_same(index, other, codes[:9])
        before = len(index)
        other.add(codes[:2])
        other.remove([other.search(codes[:1], 1)[1][0, 0]])
        assert len(other) == before + 1
        assert len(index) == before
    assert pickle.loads(pickle.dumps(index)).num_threads == 2
    assert_same(index, load_index(path, mmap=True), codes[:9])  # the file did not change
    assert bytes(load_index(path, mmap=True)) == bytes(index) == path.read_bytes()


def test_merge(index, make, codes):
    other = make()
    other.add(codes[:50])
    other.remove([0])
    index.remove([7])
    index.merge(other)
    assert (index.ntotal, other.ntotal) == (199 + 49, 49)
    np.testing.assert_array_equal(index.reconstruct(np.arange(200, 249)), codes[1:50])
    ids = np.concatenate([np.delete(np.arange(200), 7), np.arange(200, 249)])
    both = np.concatenate([np.delete(codes, 7, axis=0), codes[1:50]])
    expected = reference.search(both, codes[:9], 20, ids=ids)
    np.testing.assert_array_equal(index.search(codes[:9], 20)[1], expected[1])
    index.merge(make())
    index.merge(index)
    assert index.ntotal == 2 * 248
    np.testing.assert_array_equal(index.search(codes[:1], 2)[0], [[0, 0]])


def test_merge_of_own_ids(index, make, codes):
    other = make()
    other.add(codes[:3], [1000, 150, 500])
    with pytest.raises(ValueError, match="id 150 is already in the index"):
        index.merge(other)
    assert index.ntotal == 200
    index.remove([150])
    index.merge(other)
    np.testing.assert_array_equal(index.reconstruct([1000, 150, 500]), codes[:3])
    other.merge(index_of(LinearScan(33), codes[:2]))  # no own ids: they follow
    np.testing.assert_array_equal(other.reconstruct([1001, 1002]), codes[:2])


def index_of(index, codes):
    index.add(codes)
    return index


@pytest.mark.parametrize(
    ("other", "error", "words"),
    [
        (LinearScan(34), ValueError, "n_bits=33, got 34"),
        (np.zeros((1, 1), np.uint64), TypeError, "other must be an index, got ndarray"),
        (None, TypeError, "NoneType"),
    ],
)
def test_merge_of_something_else(index, other, error, words):
    with pytest.raises(error, match=words):
        index.merge(other)
    assert index.ntotal == 200


def test_searches_at_the_same_time(make, codes):
    """The first one builds the tables, the others wait for it."""
    expected = reference.search(codes, codes, 5)
    for _ in range(5):
        index = index_of(make(), codes)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(index.search, [codes] * 16, [5] * 16))
        for found in results:
            np.testing.assert_array_equal(found[1], expected[1])
