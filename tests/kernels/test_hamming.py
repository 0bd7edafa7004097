# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from hashrec_fast import _core
from hashrec_fast.kernels.hamming import hamming, hamming_matrix
from hashrec_fast.kernels.simd import available_simd_levels, set_simd_level
from hashrec_fast.kernels.simd import simd_level as current_level
from hashrec_fast.testing import reference_search as reference

SIZES = (0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 97, 1000)
WORDS = (1, 2, 3, 4, 5, 7, 8, 9, 16, 64)


def random_codes(rng, n, n_words):
    return rng.integers(0, 2**64, (n, n_words), dtype=np.uint64)


@pytest.mark.parametrize("n_words", WORDS)
def test_matrix(simd_level, n_words, rng):
    queries = random_codes(rng, 3, n_words)
    for n in SIZES:
        codes = random_codes(rng, n, n_words)
        distances = hamming_matrix(queries, codes)
        assert distances.dtype == np.int32
        np.testing.assert_array_equal(distances, reference.hamming_matrix(queries, codes))
        np.testing.assert_array_equal(hamming_matrix(codes, queries), distances.T)


@pytest.mark.parametrize("n_words", WORDS)
def test_pairs(simd_level, n_words, rng):
    for n in SIZES:
        a, b = random_codes(rng, n, n_words), random_codes(rng, n, n_words)
        expected = np.bitwise_count(a ^ b).sum(axis=1)
        distances = hamming(a, b)
        assert distances.dtype == np.int32
        np.testing.assert_array_equal(distances, expected)


def test_largest_distance(simd_level):
    ones = np.full((70, 64), 2**64 - 1, np.uint64)
    assert (hamming_matrix(ones[:1], np.zeros_like(ones)) == 4096).all()
    assert (hamming(ones, np.zeros_like(ones)) == 4096).all()


def test_many_rows_and_threads(simd_level, rng):
    a, b = random_codes(rng, 3, 2), random_codes(rng, 40_000, 2)
    expected = reference.hamming_matrix(a, b)
    for num_threads in (0, 1, 2, 3):
        np.testing.assert_array_equal(hamming_matrix(a, b, num_threads=num_threads), expected)
        pairs = hamming(np.repeat(a[:1], len(b), axis=0), b, num_threads=num_threads)
        np.testing.assert_array_equal(pairs, expected[0])


def test_read_only_and_unaligned(simd_level, rng):
    codes = random_codes(rng, 100, 3)
    expected = reference.hamming_matrix(codes, codes)
    codes.flags.writeable = False
    np.testing.assert_array_equal(hamming_matrix(codes, codes), expected)
    raw = bytearray(codes.nbytes + 8)  # aligned to 8 but to no vector
    for offset in (0, 8):
        view = np.frombuffer(raw, np.uint64, codes.size, offset=offset % len(raw))
        view = view.reshape(codes.shape)
        view[:] = codes
        np.testing.assert_array_equal(hamming_matrix(view, view), expected)


@pytest.mark.parametrize("function", [hamming, hamming_matrix])
def test_bad_input(function):
    codes = np.zeros((4, 2), np.uint64)
    with pytest.raises(ValueError, match=r"b must be uint64 .*, got uint64 \(4, 1\)"):
        function(codes, codes[:, :1].copy())
    with pytest.raises(ValueError, match="got int64"):
        function(codes.astype(np.int64), codes)
    with pytest.raises(ValueError, match="C-contiguous"):
        function(codes, np.asfortranarray(codes))
    with pytest.raises(ValueError, match=r"\(\*, \*\), got uint64 \(2\)"):
        function(codes[0], codes[0])
    with pytest.raises(TypeError, match="numpy array"):
        function(codes, [[1, 2]])
    odd = np.frombuffer(bytearray(33), np.uint64, 4, offset=1).reshape(2, 2)
    with pytest.raises(ValueError, match="aligned"):
        function(odd, odd)


def test_pairs_need_equal_lengths():
    with pytest.raises(ValueError, match=r"\(3, 1\)"):
        hamming(np.zeros((4, 1), np.uint64), np.zeros((3, 1), np.uint64))


def test_levels():
    levels = available_simd_levels()
    assert levels[0] == "scalar"
    before = current_level()
    assert before in levels
    for level in levels:
        set_simd_level(level)
        assert current_level() == level
    set_simd_level(before)
    with pytest.raises(ValueError, match="must be one of"):
        set_simd_level("sse9")
    with pytest.raises(TypeError, match="string"):
        set_simd_level(2)
    assert current_level() == before
    assert _core.max_threads() >= 1
