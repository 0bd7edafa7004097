# SPDX-License-Identifier: Apache-2.0
"""Adding, removing, ids, saving and copying."""

import copy
import json
import pickle

import numpy as np
import pytest

from hashrec_fast.retrieval import LinearScan, load_index
from hashrec_fast.testing import reference_search as reference


@pytest.fixture
def codes(rng):
    return reference.codes_of_kind("random", 200, 33, rng)


@pytest.fixture
def index(codes):
    index = LinearScan(n_bits=33, num_threads=1)
    index.add(codes)
    return index


def assert_same(one, other, queries):
    assert (one.n_bits, one.ntotal) == (other.n_bits, other.ntotal)
    for a, b in zip(one.search(queries, 20), other.search(queries, 20), strict=True):
        np.testing.assert_array_equal(a, b)


def test_empty():
    index = LinearScan()
    assert (index.n_bits, index.ntotal, len(index)) == (64, 0, 0)
    distances, ids = index.search(np.zeros((2, 1), np.uint64), 3)
    assert distances.tolist() == ids.tolist() == [[-1] * 3] * 2
    lims, distances, ids = index.within(np.zeros((2, 1), np.uint64), 3)
    assert (lims.tolist(), len(distances), len(ids)) == ([0, 0, 0], 0, 0)
    assert index.reconstruct([]).shape == (0, 1)
    assert index.remove([]) == 0
    assert index.search(np.zeros((0, 1), np.uint64), 3)[0].shape == (0, 3)


def test_add_in_pieces(index, codes):
    pieces = LinearScan(n_bits=33)
    for begin in range(0, 200, 7):
        pieces.add(codes[begin : begin + 7])
    pieces.add(codes[:0])
    assert_same(index, pieces, codes[:9])
    np.testing.assert_array_equal(pieces.reconstruct([5, 199, 5]), codes[[5, 199, 5]])


def test_added_codes_are_copied(codes):
    index = LinearScan(n_bits=33)
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


def test_own_ids(codes):
    ids = np.random.default_rng(1).permutation(10**12 + 7 * np.arange(200))
    index = LinearScan(n_bits=33)
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


def test_ties_follow_own_ids():
    index = LinearScan(n_bits=8)
    index.add(np.ones((4, 1), np.uint64), [9, 2, 7, 4])
    index.add(np.ones((1, 1), np.uint64), np.array([3], np.uint32))
    assert index.search(np.zeros((1, 1), np.uint64), 4)[1].tolist() == [[2, 3, 4, 7]]


@pytest.mark.parametrize("own_ids", [False, True])
@pytest.mark.parametrize("removed", [[], [0, 5]])
def test_copies(codes, tmp_path, own_ids, removed):
    index = LinearScan(n_bits=33, num_threads=2)
    index.add(codes, np.arange(200)[::-1] * 3 if own_ids else None)
    index.remove([3 * i for i in removed])
    path = tmp_path / "some.index"
    index.save(path)
    index.save(path)  # over an old file
    assert [p.name for p in tmp_path.iterdir()] == ["some.index"]
    others = [
        load_index(path),
        load_index(str(path), mmap=True),
        LinearScan.from_bytes(bytes(index)),
        pickle.loads(pickle.dumps(index)),
        copy.copy(index),
        copy.deepcopy(index),
    ]
    for other in others:
        assert_same(index, other, codes[:9])
        before = len(index)
        other.add(codes[:2])
        other.remove([other.search(codes[:1], 1)[1][0, 0]])
        assert len(other) == before + 1
        assert len(index) == before
    assert pickle.loads(pickle.dumps(index)).num_threads == 2
    assert_same(index, load_index(path, mmap=True), codes[:9])  # the file did not change
    assert bytes(load_index(path, mmap=True)) == bytes(index) == path.read_bytes()


def test_safetensors_can_read_it(index, codes, tmp_path):
    from safetensors import safe_open

    index.save(tmp_path / "x")
    with safe_open(tmp_path / "x", framework="numpy") as tensors:
        assert tensors.metadata()["n_bits"] == "33"
        np.testing.assert_array_equal(tensors.get_tensor("codes"), codes)


def edited(content, change):
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


@pytest.mark.parametrize("mmap", [False, True])
def test_damaged_files(index, tmp_path, mmap):
    content = bytes(index)
    path = tmp_path / "x"

    def check(new, words):
        path.write_bytes(new)
        with pytest.raises(ValueError, match=words):
            load_index(path, mmap=mmap)

    for length in (0, 4, 8, 60):
        check(content[:length], "is not a hashrec_fast index")
    for length in (len(content) - 1, len(content) - 800):
        check(content[:length], "damaged")
    check(b"\xff" * 200, "not a hashrec_fast index")
    check(content[:-1] + b"\xff", "beyond n_bits=33")
    facts = "__metadata__"
    changes = {
        "newer": lambda h: h[facts].update(version="2"),
        "n_bits=65": lambda h: h[facts].update(n_bits="65"),
        "at most 4096": lambda h: h[facts].update(n_bits="5000"),
        "unknown kind": lambda h: h[facts].update(kind="Tree"),
        "next_id": lambda h: h[facts].update(next_id="7"),
        "format": lambda h: h[facts].update(format="other"),
        "does not fit": lambda h: h["codes"].update(shape=[201, 1]),
        "fit bytes": lambda h: h["codes"].update(shape=[-200, -1]),
        "damaged": lambda h: h["codes"].update(dtype="F32"),
        "codes": lambda h: h.pop("codes"),
        "ids must": lambda h: h.update(ids=h["codes"] | {"dtype": "I64"}),
    }
    for words, change in changes.items():
        check(edited(content, change), words)
    with pytest.raises(FileNotFoundError):
        load_index(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        index.save(tmp_path / "none" / "x")
