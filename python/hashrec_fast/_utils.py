# SPDX-License-Identifier: Apache-2.0
"""Small helpers that every room may use: exceptions, argument checks, random generators."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np


class NotFittedError(ValueError, AttributeError):
    """A model was used before ``fit`` (the two bases are scikit-learn's own choice)."""


class DataError(ValueError):
    """An input file or table cannot be read; the message names the file and the line."""


def check_int(
    value: object, name: str, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Return ``value`` as an int, or raise ``TypeError``/``ValueError`` that names it."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer, got {value!r} ({type(value).__name__})")
    if minimum is not None and value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")
    if maximum is not None and value > maximum:
        raise ValueError(f"{name} must be at most {maximum}, got {value}")
    return int(value)


def check_random_state(random_state: int | np.random.Generator | None) -> np.random.Generator:
    """Turn ``None``, a seed or a generator into a ``numpy.random.Generator``."""
    if random_state is None or isinstance(random_state, (int, np.integer)):
        return np.random.default_rng(random_state)
    if isinstance(random_state, np.random.Generator):
        return random_state
    raise TypeError(
        f"random_state must be None, an int or a numpy.random.Generator, got {random_state!r}"
    )


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep numpy's linear algebra to one thread for a while.

    Solvers alternate compiled passes over rows, which use all threads, with products of small
    matrices. BLAS gains nothing from threads there, but its threads go on spinning for a while and
    take a core from the next pass; one thread also makes its rounding the same everywhere.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - import time

    with threadpool_limits(limits=1, user_api="blas"):
        yield


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a temporary neighbour of ``path`` and rename it over ``path`` on success only."""
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"folder {target.parent} does not exist; cannot write {target.name}"
        )
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)  # mkstemp makes 0600; a saved file follows the umask
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
