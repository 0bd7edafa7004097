# SPDX-License-Identifier: Apache-2.0
"""Threads of the compiled kernels."""

from __future__ import annotations

from hashrec_fast import _core


def max_threads() -> int:
    """Number of threads that ``num_threads=0`` stands for, at least 1.

    Examples
    --------
    >>> max_threads() >= 1
    True
    """
    return _core.max_threads()
