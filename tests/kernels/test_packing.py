# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashrec_fast.kernels.packing import from_bytes, pack, to_bytes, unpack
from hashrec_fast.testing import reference_search as reference

BITS = (1, 7, 8, 33, 63, 64, 65, 100, 128, 1000, 4096)


@pytest.mark.parametrize("bitorder", ["little", "big"])
@pytest.mark.parametrize("n_bits", BITS)
def test_every_dtype_gives_the_same_codes(n_bits, bitorder, rng):
    flags = rng.random((9, n_bits)) < 0.5
    signs = np.where(flags, 1, -1)
    expected = reference.pack(flags, bitorder)
    inputs = [flags, flags.astype(np.int8), signs.astype(np.int8)]
    inputs += [signs.astype(t) for t in (np.float16, np.float32, np.float64, ">f4", ">f8")]
    for array in inputs:
        codes = pack(array, bitorder)
        assert codes.dtype == np.uint64
        np.testing.assert_array_equal(codes, expected)
        np.testing.assert_array_equal(pack(np.asfortranarray(array), bitorder), expected)
    np.testing.assert_array_equal(unpack(expected, n_bits, bitorder), signs)
    assert unpack(expected, n_bits, bitorder).dtype == np.int8


@given(st.integers(0, 20), st.integers(1, 300), st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_round_trip(n, n_bits, seed):
    signs = np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (n, n_bits))
    codes = pack(signs)
    assert codes.shape == (n, -(-n_bits // 64))
    np.testing.assert_array_equal(unpack(codes, n_bits), signs)
    np.testing.assert_array_equal(codes, reference.pack(signs > 0))


def test_both_zeros_are_plus_one():
    values = np.array([[0.0, -0.0, -1e-300, np.inf, -np.inf]])
    assert pack(values)[0, 0] == 0b01011


def test_one_kind_of_int8_per_array():
    assert pack(np.array([[1, 1]], np.int8))[0, 0] == 3  # either convention
    assert pack(np.array([[0, 0]], np.int8))[0, 0] == 0
    assert pack(np.array([[-1, -1]], np.int8))[0, 0] == 0


@pytest.mark.parametrize(
    ("signs", "error", "words"),
    [
        (np.array([[2, 1]], np.int8), ValueError, "another value"),
        (np.array([[0, -1]], np.int8), ValueError, "both 0 and -1"),
        (np.array([[0.5, np.nan]]), ValueError, "NaN"),
        (np.array([[0.5, np.nan]], np.float32), ValueError, "NaN"),
        (np.array([[1, -1]]), TypeError, "int64"),
        (np.array([[1, 1]], np.uint8), TypeError, "uint8"),
        (np.array([["a"]]), TypeError, "bool, int8 or float"),
        (np.array([[1j]]), TypeError, "complex"),
        (np.array([True, False]), ValueError, r"\(2,\)"),
        (np.zeros((3, 0), bool), ValueError, "n_bits must be at least 1"),
        (np.zeros((1, 4097), bool), ValueError, "at most 4096"),
    ],
)
def test_bad_signs(signs, error, words):
    with pytest.raises(error, match=words):
        pack(signs)


@pytest.mark.parametrize("bitorder", ["", "Little", "native"])
def test_bad_bitorder(bitorder):
    with pytest.raises(ValueError, match="'little' or 'big'"):
        pack(np.ones((1, 8), bool), bitorder)
    with pytest.raises(TypeError, match="bitorder"):
        unpack(np.ones((1, 1), np.uint64), 8, None)


def test_bad_codes_to_unpack():
    codes = np.zeros((4, 2), np.uint64)
    with pytest.raises(ValueError, match=r"\(\*, 1\)"):
        unpack(codes, 64)
    with pytest.raises(ValueError, match="C-contiguous"):
        unpack(np.asfortranarray(codes), 128)
    with pytest.raises(ValueError, match="int64"):
        unpack(codes.astype(np.int64), 128)
    with pytest.raises(TypeError, match="numpy array"):
        unpack(codes.tolist(), 128)
    with pytest.raises(TypeError, match="n_bits"):
        unpack(codes, 128.0)
    with pytest.raises(ValueError, match="n_bits"):
        unpack(codes, 0)


@pytest.mark.parametrize("n_bits", [8, 24, 64, 72, 128, 4096])
def test_bytes(n_bits, rng):
    array = rng.integers(0, 256, (5, n_bits // 8), dtype=np.uint8)
    codes = from_bytes(array)
    flags = np.unpackbits(array, axis=1, bitorder="little").astype(bool)
    np.testing.assert_array_equal(codes, pack(flags))
    np.testing.assert_array_equal(to_bytes(codes, n_bits), array)
    assert to_bytes(codes, n_bits).flags.c_contiguous
    shifted = np.empty(array.nbytes + 1, np.uint8)[1:].reshape(array.shape)  # odd address
    shifted[:] = array
    np.testing.assert_array_equal(from_bytes(shifted), codes)


def test_bytes_without_copy(rng):
    array = rng.integers(0, 256, (5, 16), dtype=np.uint8)
    if array.ctypes.data % 8 == 0:
        assert np.shares_memory(from_bytes(array), array)
    codes = from_bytes(array)
    assert np.shares_memory(to_bytes(codes, 128), codes)


def test_bad_bytes():
    with pytest.raises(ValueError, match="uint8"):
        from_bytes(np.zeros((2, 8), np.int8))
    with pytest.raises(ValueError, match="uint8"):
        from_bytes(np.zeros(8, np.uint8))
    with pytest.raises(TypeError, match="numpy array"):
        from_bytes(b"abcdefgh")
    with pytest.raises(ValueError, match="beyond n_bits=8"):
        to_bytes(np.array([[256]], np.uint64), 8)
