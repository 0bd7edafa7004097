# SPDX-License-Identifier: Apache-2.0
"""Signs to packed codes and back.

A code of ``n_bits`` (1 to 4096) takes ``ceil(n_bits / 64)`` words of 64 bits. Bit ``i`` stands in
word ``i // 64`` at weight ``2 ** (i % 64)`` and is 1 where the sign is +1. Padding bits are 0.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hashrec_fast import _core
from hashrec_fast._utils import check_int
from hashrec_fast.types import BitOrder

MAX_BITS = 4096

if sys.byteorder != "little":  # pragma: no cover - codes are byte views of little-endian words
    raise ImportError("hashrec_fast needs a little-endian machine")


def check_n_bits(n_bits: object) -> int:
    """``n_bits`` as an int from 1 to 4096, or raise ``TypeError``/``ValueError``."""
    return check_int(n_bits, "n_bits", minimum=1, maximum=MAX_BITS)


def check_codes(codes: object, n_bits: int, name: str) -> NDArray[np.uint64]:
    """Return ``codes`` if they are valid packed codes of ``n_bits``, else raise.

    Raises
    ------
    TypeError
        If ``codes`` is not a numpy array.
    ValueError
        If dtype, shape or memory order are wrong, or a padding bit is set.
    """
    if not isinstance(codes, np.ndarray):
        raise TypeError(f"{name} must be a numpy array, got {type(codes).__name__}")
    n_words = (n_bits + 63) // 64
    if codes.dtype != np.uint64 or codes.ndim != 2 or codes.shape[1] != n_words:
        raise ValueError(
            f"{name} must be uint64 of shape (n, {n_words}) for n_bits={n_bits}, "
            f"got {codes.dtype} {codes.shape}"
        )
    if not codes.flags.c_contiguous:
        raise ValueError(f"{name} must be C-contiguous; use numpy.ascontiguousarray")
    row = _core.row_with_padding(codes, n_bits)
    if row >= 0:
        raise ValueError(f"{name} row {row} has a bit set beyond n_bits={n_bits}")
    return codes


def pack(signs: ArrayLike, bitorder: BitOrder = "little") -> NDArray[np.uint64]:
    """Pack signs into codes of one bit each.

    Parameters
    ----------
    signs : array_like of bool, int8 or float, shape (n, n_bits)
        bool: True is +1. int8: all values +1/-1, or all values 0/1. float: the bit is
        ``x >= 0``, so both zeros are +1.
    bitorder : {"little", "big"}
        Place of bit ``i`` within its byte: weight ``2 ** (i % 8)`` (this package and faiss), or
        ``2 ** (7 - i % 8)`` (usearch and the default of ``numpy.packbits``). Indexes take
        ``"big"`` codes only if ``n_bits`` is a multiple of 8, because of the padding.

    Returns
    -------
    ndarray of uint64, shape (n, ceil(n_bits / 64))
        Packed codes, padding bits zero.

    Raises
    ------
    TypeError
        If the dtype is none of the above.
    ValueError
        If there are not two dimensions, ``n_bits`` is not in 1..4096, a float is NaN, an int8
        value is neither, or 0 and -1 both occur.

    Examples
    --------
    >>> pack(np.array([[1, -1, 1], [-1, -1, 1]], np.int8))
    array([[5],
           [4]], dtype=uint64)
    """
    array = np.asarray(signs)
    if array.ndim != 2:
        raise ValueError(f"signs must have shape (n, n_bits), got {array.shape}")
    check_n_bits(array.shape[1])
    if not isinstance(bitorder, str):
        raise TypeError(f"bitorder must be 'little' or 'big', got {bitorder!r}")
    if array.dtype == np.bool_:
        return _core.pack_bool(np.ascontiguousarray(array).view(np.uint8), bitorder)
    if array.dtype == np.int8:
        return _core.pack_int8(np.ascontiguousarray(array), bitorder)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 4:
        return _core.pack_float32(np.ascontiguousarray(array, dtype=np.float32), bitorder)
    if array.dtype.kind == "f" and array.dtype.itemsize == 8:
        return _core.pack_float64(np.ascontiguousarray(array, dtype=np.float64), bitorder)
    raise TypeError(
        f"signs must be bool, int8 or float16/32/64, got {array.dtype}; "
        "for other integers of +1/-1 or 0/1 use signs.astype(numpy.int8)"
    )


def unpack(
    codes: NDArray[np.uint64], n_bits: int, bitorder: BitOrder = "little"
) -> NDArray[np.int8]:
    """Signs of packed codes, the inverse of :func:`pack`.

    Parameters
    ----------
    codes : ndarray of uint64, shape (n, ceil(n_bits / 64))
        Packed codes, C-contiguous.
    n_bits : int
        Length of the codes, 1 to 4096.
    bitorder : {"little", "big"}
        As in :func:`pack`.

    Returns
    -------
    ndarray of int8, shape (n, n_bits)
        +1 and -1.

    Raises
    ------
    TypeError
        If ``codes`` is not an array or ``n_bits`` not an integer.
    ValueError
        If dtype, width or memory order of ``codes`` are wrong, or ``n_bits`` or ``bitorder`` is.

    Examples
    --------
    >>> unpack(np.array([[5], [4]], np.uint64), 3)
    array([[ 1, -1,  1],
           [-1, -1,  1]], dtype=int8)
    """
    if not isinstance(bitorder, str):
        raise TypeError(f"bitorder must be 'little' or 'big', got {bitorder!r}")
    return _core.unpack(codes, check_n_bits(n_bits), bitorder)


def from_bytes(array: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Codes from rows of bytes, the layout of faiss binary indexes.

    Parameters
    ----------
    array : ndarray of uint8, shape (n, n_bits / 8)
        Byte ``j`` holds bits ``8 j`` to ``8 j + 7``.

    Returns
    -------
    ndarray of uint64, shape (n, ceil(n_bits / 64))
        A view of ``array`` if its rows are whole aligned words, else a padded copy.

    Raises
    ------
    TypeError
        If ``array`` is not a numpy array.
    ValueError
        If dtype or shape are wrong.

    Examples
    --------
    >>> from_bytes(np.array([[1, 2]], np.uint8))
    array([[513]], dtype=uint64)
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"array must be a numpy array, got {type(array).__name__}")
    if array.dtype != np.uint8 or array.ndim != 2 or not 1 <= array.shape[1] <= MAX_BITS // 8:
        raise ValueError(
            f"array must be uint8 of shape (n, 1..{MAX_BITS // 8}), got {array.dtype} {array.shape}"
        )
    n_bytes = array.shape[1]
    aligned = array.ctypes.data % 8 == 0
    if n_bytes % 8 == 0 and aligned and array.flags.c_contiguous:
        return array.view(np.uint64)
    padded = np.zeros((array.shape[0], -(-n_bytes // 8) * 8), dtype=np.uint8)
    padded[:, :n_bytes] = array
    return padded.view(np.uint64)


def to_bytes(codes: NDArray[np.uint64], n_bits: int) -> NDArray[np.uint8]:
    """Codes as rows of bytes, the inverse of :func:`from_bytes`.

    Parameters
    ----------
    codes : ndarray of uint64, shape (n, ceil(n_bits / 64))
        Packed codes, C-contiguous, padding bits zero.
    n_bits : int
        Length of the codes, 1 to 4096.

    Returns
    -------
    ndarray of uint8, shape (n, ceil(n_bits / 8))
        A view of ``codes`` if ``n_bits`` fills whole words, else a copy; C-contiguous.

    Raises
    ------
    TypeError
        If ``codes`` is not an array or ``n_bits`` not an integer.
    ValueError
        If ``n_bits`` is out of range or ``codes`` are no valid codes of that length.

    Examples
    --------
    >>> to_bytes(np.array([[513]], np.uint64), 16)
    array([[1, 2]], dtype=uint8)
    """
    n_bytes = -(-check_n_bits(n_bits) // 8)
    rows = check_codes(codes, n_bits, "codes").view(np.uint8)
    return np.ascontiguousarray(rows[:, :n_bytes])
