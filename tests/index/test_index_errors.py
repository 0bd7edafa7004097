# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

from hashrec_fast.retrieval import HashTable, LinearScan, MultiIndex

KINDS = (LinearScan, HashTable, MultiIndex)
GOOD = np.array([[1], [2], [3]], np.uint64)


@pytest.fixture
def index(make):
    index = make(40)
    index.add(GOOD)
    return index


BAD_CODES = [
    (GOOD.astype(np.int64), ValueError, r"uint64 of shape \(n, 1\) for n_bits=40, got int64"),
    (np.zeros((3, 2), np.uint64), ValueError, r"got uint64 \(3, 2\)"),
    (GOOD[:, 0], ValueError, r"got uint64 \(3,\)"),
    (GOOD.astype(">u8"), ValueError, ">u8|uint64"),
    (GOOD.tolist(), TypeError, "numpy array, got list"),
    (None, TypeError, "numpy array"),
    (GOOD.repeat(2, axis=0)[::2], ValueError, "C-contiguous"),
    (np.array([[0], [1 << 40]], np.uint64), ValueError, "row 1 has a bit set beyond n_bits=40"),
]


@pytest.mark.parametrize(("codes", "error", "words"), BAD_CODES)
def test_codes(index, codes, error, words):
    for call in (
        index.add,
        lambda c: index.search(c, 1),
        lambda c: index.within(c, 1),
        lambda c: index.range_search(c, 1),
    ):
        with pytest.raises(error, match=words):
            call(codes)
    assert len(index) == 3


@pytest.mark.parametrize(
    ("k", "error"),
    [(0, ValueError), (-1, ValueError), (2**31, ValueError), (1.0, TypeError), ("1", TypeError)],
)
def test_k(index, k, error):
    with pytest.raises(error, match="k must be"):
        index.search(GOOD, k)


@pytest.mark.parametrize(("distance", "error"), [(-1, ValueError), (2.5, TypeError)])
def test_distance(index, distance, error):
    with pytest.raises(error, match="radius must be"):
        index.range_search(GOOD, distance)
    with pytest.raises(error, match="max_distance must be"):
        index.within(GOOD, distance)


@pytest.mark.parametrize(
    ("ids", "error", "words"),
    [
        ([7, 8], ValueError, "one entry per code, 3, got 2"),
        ([7, 8, 7], ValueError, "7 twice"),
        ([7, 8, 2], ValueError, "id 2 is already"),
        ([7, 8, -1], ValueError, "must be >= 0"),
        ([7.0, 8.0, 9.0], TypeError, "integers, got float64"),
        ([True, False, True], TypeError, "integers, got bool"),
        ([[7], [8], [9]], ValueError, "one dimension"),
        (np.array([1, 2, 2**63], np.uint64), ValueError, "int64"),
        ([7, 8, 2**63 - 1], ValueError, "below"),
        ("abc", TypeError, "integers"),
    ],
)
def test_new_ids(index, ids, error, words):
    with pytest.raises(error, match=words):
        index.add(GOOD, ids)
    assert len(index) == 3
    assert index.search(GOOD[:1], 3)[1].tolist() == [[0, 2, 1]]


@pytest.mark.parametrize(
    ("ids", "error", "words"),
    [
        ([3], ValueError, "3, which is not in the index"),
        ([-1], ValueError, ">= 0"),
        ([1.5], TypeError, "integers"),
        (1, ValueError, "one dimension"),
    ],
)
def test_known_ids(index, ids, error, words):
    for call in (index.remove, index.reconstruct):
        with pytest.raises(error, match=words):
            call(ids)
    with pytest.raises(ValueError, match="1 twice"):
        index.remove([1, 1])
    assert len(index) == 3


@pytest.mark.parametrize(
    ("exclude", "error", "words"),
    [
        (sp.csr_matrix((2, 3)), ValueError, r"one row per query, 3, got shape \(2, 3\)"),
        (sp.csc_matrix((3, 3)), TypeError, "CSR"),
        (
            sp.csr_matrix(([1.0], ([0], [4])), shape=(3, 5)),
            ValueError,
            r"id 4, but only ids 0\.\.2",
        ),
        (np.zeros((3, 3)), TypeError, "CSR matrix .* got ndarray"),
        (([0, 1, 1, 1], [3]), ValueError, "id 3"),
        (([0, 1, 1, 1], [-3]), ValueError, ">= 0"),
        (([0, 1, 1], [0]), ValueError, "4 entries, got 3"),
        (([0, 2, 1, 1], [0]), ValueError, "rise from 0 to 1"),
        (([0, 1, 1, 2], [0]), ValueError, "rise from 0 to 1"),
        (([1, 1, 1, 1], [0]), ValueError, "rise from 0 to 1"),
        (([0, 1, 1, 1], [0.5]), TypeError, "integers"),
        (([0, 1],), TypeError, "pair"),
    ],
)
def test_exclude(index, exclude, error, words):
    with pytest.raises(error, match=words):
        index.search(GOOD, 1, exclude=exclude)


@pytest.mark.parametrize(
    ("allow", "error", "words"),
    [
        (np.ones(2, bool), ValueError, r"shape \(3,\), got \(2,\)"),
        (np.ones((3, 1), bool), ValueError, r"shape \(3,\)"),
        ([3], ValueError, "id 3"),
        ([-1], ValueError, ">= 0"),
        ([0.0], TypeError, "integers"),
        ("all", TypeError, "integers"),
    ],
)
def test_allow(index, allow, error, words):
    with pytest.raises(error, match=words):
        index.search(GOOD, 1, allow=allow)


@pytest.mark.parametrize("n_bits", [0, -1, 4097])
@pytest.mark.parametrize("kind", KINDS)
def test_n_bits(kind, n_bits):
    with pytest.raises(ValueError, match="n_bits"):
        kind(n_bits=n_bits)


@pytest.mark.parametrize("kind", KINDS)
def test_parameters(kind):
    with pytest.raises(TypeError, match="n_bits"):
        kind(n_bits=8.0)
    with pytest.raises(ValueError, match="num_threads"):
        kind(num_threads=-1)
    with pytest.raises(ValueError, match="not a hashrec_fast index"):
        kind.from_bytes(b"nothing")


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"n_tables": 0}, ValueError, "n_tables must be at least 1"),
        ({"n_bits": 65, "n_tables": 1}, ValueError, "n_tables must be at least 2"),
        ({"n_tables": 65}, ValueError, "n_tables must be at most 64"),
        ({"n_tables": 4.0}, TypeError, "n_tables must be an integer"),
        ({"strategy": "guess"}, ValueError, "strategy must be one of"),
        ({"n_bits": "64", "n_tables": 2}, TypeError, "n_bits must be an integer"),
    ],
)
def test_parameters_of_multi_index(parameters, error, words):
    with pytest.raises(error, match=words):
        MultiIndex(**parameters)


def test_repeated_and_unsorted_exclusions(index):
    pair = ([0, 4, 4, 5], [2, 0, 2, 0, 1])
    assert index.search(GOOD, 3, exclude=pair)[1].tolist() == [[1, -1, -1], [1, 2, 0], [2, 0, -1]]
