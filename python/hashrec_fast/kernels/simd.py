# SPDX-License-Identifier: Apache-2.0
"""Run-time choice of the instruction set; every level gives the same answers."""

from __future__ import annotations

from hashrec_fast import _core


def simd_level() -> str:
    """Name of the instruction set in use.

    At import it is the best one of this CPU, or the one named by the environment variable
    ``HASHREC_SIMD``.

    Returns
    -------
    str
        ``"scalar"``, ``"popcnt"``, ``"avx2"``, ``"avx512"``, ``"amx"`` or ``"neon"``.

    Examples
    --------
    >>> simd_level() in available_simd_levels()
    True
    """
    return _core.simd_level()


def available_simd_levels() -> list[str]:
    """Levels that this binary holds and this CPU can run, slowest first.

    Returns
    -------
    list of str
        Always starts with ``"scalar"``.

    Examples
    --------
    >>> available_simd_levels()[0]
    'scalar'
    """
    return _core.available_simd_levels()


def set_simd_level(level: str) -> None:
    """Use another instruction set from now on, in all threads.

    Parameters
    ----------
    level : str
        One of :func:`available_simd_levels`.

    Raises
    ------
    TypeError
        If ``level`` is not a string.
    ValueError
        If the name is unknown or the CPU lacks the level.

    Examples
    --------
    >>> before = simd_level()
    >>> set_simd_level("scalar")
    >>> simd_level()
    'scalar'
    >>> set_simd_level(before)
    """
    if not isinstance(level, str):
        raise TypeError(f"level must be a string, got {level!r} ({type(level).__name__})")
    _core.set_simd_level(level)
