# SPDX-License-Identifier: Apache-2.0
"""Splits of interactions into train, validation and test parts of equal shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, cast, overload

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from hashrec_fast._utils import check_random_state
from hashrec_fast.data.interactions import Dataset
from hashrec_fast.data.patterns import Matrix, mask_csr
from hashrec_fast.types import CSRMatrix

TRAIN, TEST, VALIDATION = 0, 1, 2  # the numbers publishers' splits are stored with

Parts = NDArray[np.int8]
SplitMethod = Literal[
    "random",
    "per_user",
    "leave_one_out",
    "time",
    "time_exact",
    "cold_items",
    "cold_users",
    "upstream",
]


@overload
def split(
    ds: Dataset,
    method: SplitMethod = ...,
    fractions: Sequence[float] = ...,
    *,
    random_state: int | np.random.Generator | None = ...,
) -> tuple[Dataset, Dataset, Dataset]: ...


@overload
def split(
    ds: Matrix,
    method: SplitMethod = ...,
    fractions: Sequence[float] = ...,
    *,
    random_state: int | np.random.Generator | None = ...,
) -> tuple[Matrix, Matrix, Matrix]: ...


def split(
    ds: Dataset | CSRMatrix,
    method: SplitMethod = "random",
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    *,
    random_state: int | np.random.Generator | None = 0,
) -> tuple[Dataset | CSRMatrix, Dataset | CSRMatrix, Dataset | CSRMatrix]:
    """Split interactions into train, validation and test.

    Parameters
    ----------
    ds : Dataset or scipy CSR matrix of shape (n_users, n_items)
    method : str
        * ``"random"``: the sorted keys ``user * n_items + item`` (int64) are permuted with
          ``Generator.permutation``; of n keys the first ``int(0.8 * n)`` are train, those up to
          ``int(0.9 * n)`` validation, the others test (fractions are summed, then rounded to
          12 digits, before they are multiplied).
        * ``"per_user"``: of every user's n interactions ``int(f * n)`` random ones go to test and
          to validation; the others stay in train, so users with few keep all they have.
        * ``"leave_one_out"``: every user's latest interaction is test, the one before it is
          validation (unless that fraction is 0); by time, else by position, else at random, and
          ties at random. A user's only interaction stays in train, and with two there is no
          validation. The sizes of the fractions do not matter.
        * ``"time"``: one cut through all users; interactions of the same second as the last one
          of a part belong to that part.
        * ``"time_exact"``: the same cut with the counts of ``"random"``; of the interactions in
          the second of a cut, random ones go to either side.
        * ``"cold_items"``, ``"cold_users"``: items (users) with interactions are permuted and cut
          as in ``"random"``; each is wholly in one part.
        * ``"upstream"``: the publisher's ``ds.split``; fractions do not matter.
    fractions : (train, validation, test) or (train, test)
        Of two fractions there is no validation. They must sum to one.
    random_state : int, Generator or None

    Returns
    -------
    train, validation, test : Dataset or CSR matrix, as given
        Every interaction is in exactly one; shapes and side information are those of ``ds``.
        A part without interactions is empty, never None.

    Raises
    ------
    ValueError
        Unknown method, impossible fractions, or the method needs times (a published split) that
        ``ds`` does not have.
    TypeError
        ``ds`` is neither a ``Dataset`` nor a CSR matrix.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sp
    >>> train, validation, test = split(sp.csr_matrix(np.ones((4, 5))), "random")
    >>> train.nnz, validation.nnz, test.nnz
    (16, 2, 2)
    """
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(_METHODS)}, got {method!r}")
    shares = _check_fractions(fractions)
    rng = check_random_state(random_state)
    data = _as_dataset(ds)
    parts = _METHODS[method](data, shares, rng)
    masks = [parts == part for part in (TRAIN, VALIDATION, TEST)]
    if isinstance(ds, Dataset):
        train, validation, test = (ds.select(mask) for mask in masks)
    else:
        matrix = ds if ds.has_sorted_indices else ds.sorted_indices()
        train, validation, test = (mask_csr(matrix, mask) for mask in masks)
    return train, validation, test


def _check_fractions(fractions: Sequence[float]) -> tuple[float, float, float]:
    shares = tuple(float(share) for share in fractions)
    if len(shares) == 2:
        shares = (shares[0], 0.0, shares[1])
    valid = len(shares) == 3 and all(0 <= share <= 1 for share in shares)
    if not valid or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(
            f"fractions must be two or three numbers from 0 to 1 that sum to 1, got {fractions!r}"
        )
    return cast(tuple[float, float, float], shares)


def _as_dataset(ds: Dataset | CSRMatrix) -> Dataset:
    if isinstance(ds, Dataset):
        return ds
    if not issparse(ds) or ds.format != "csr":
        raise TypeError(f"ds must be a Dataset or a scipy CSR matrix, got {type(ds).__name__}")
    data = Dataset.from_csr(ds)
    if data.n_duplicates:
        raise ValueError(f"the matrix stores {data.n_duplicates} entries twice; sum_duplicates()")
    return data


def _cuts(n: int, shares: tuple[float, float, float]) -> tuple[int, int]:
    # 0.8 + 0.1 is 0.9000000000000000222: without rounding a cut could fall one too far
    return int(round(shares[0], 12) * n), int(round(shares[0] + shares[1], 12) * n)


def _rows(ds: Dataset) -> NDArray[np.int64]:
    return np.repeat(np.arange(ds.n_users, dtype=np.int64), np.diff(ds.user_items.indptr))


def _random(ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator) -> Parts:
    keys = _rows(ds) * ds.n_items + ds.user_items.indices
    permuted = rng.permutation(keys)
    first, second = _cuts(len(keys), shares)
    parts = np.full(len(keys), TRAIN, np.int8)
    parts[np.searchsorted(keys, permuted[first:second])] = VALIDATION
    parts[np.searchsorted(keys, permuted[second:])] = TEST
    return parts


def _rank_from_last(
    ds: Dataset, when: NDArray[np.int64] | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """0 for a user's latest interaction, 1 for the one before, ...; ties at random."""
    rows, chance = _rows(ds), rng.random(ds.n_interactions)
    order = np.lexsort((chance, rows) if when is None else (chance, when, rows))
    rank = np.empty(ds.n_interactions, np.int64)
    rank[order] = ds.user_items.indptr[rows + 1] - 1 - np.arange(ds.n_interactions)
    return rank


def _per_user(ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator) -> Parts:
    rank = _rank_from_last(ds, None, rng)
    counts = np.diff(ds.user_items.indptr)
    n_test = np.floor(np.round(counts * shares[2], 9)).astype(np.int64)
    n_held = n_test + np.floor(np.round(counts * shares[1], 9)).astype(np.int64)
    rows = _rows(ds)
    parts = np.full(len(rank), TRAIN, np.int8)
    parts[rank < n_held[rows]] = VALIDATION
    parts[rank < n_test[rows]] = TEST
    return parts


def _leave_one_out(
    ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator
) -> Parts:
    when = ds.timestamps if ds.timestamps is not None else ds.positions
    rank = _rank_from_last(ds, None if when is None else when.data, rng)
    counts = np.diff(ds.user_items.indptr)[_rows(ds)]
    parts = np.full(len(rank), TRAIN, np.int8)
    parts[(rank == 0) & (counts >= 2)] = TEST
    if shares[1] > 0:
        parts[(rank == 1) & (counts >= 3)] = VALIDATION
    return parts


def _time(ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator) -> Parts:
    del rng  # nothing is left to chance
    if ds.timestamps is None:
        raise ValueError("method 'time' needs timestamps, and the data have none")
    times = ds.timestamps.data
    ordered = np.sort(times)
    parts = np.full(len(times), TEST, np.int8)
    first, second = _cuts(len(times), shares)
    if second:
        parts[times <= ordered[second - 1]] = VALIDATION if shares[1] > 0 else TRAIN
    if first:
        parts[times <= ordered[first - 1]] = TRAIN
    return parts


def _time_exact(ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator) -> Parts:
    if ds.timestamps is None:
        raise ValueError("method 'time_exact' needs timestamps, and the data have none")
    order = np.lexsort((rng.random(ds.n_interactions), ds.timestamps.data))
    first, second = _cuts(len(order), shares)
    parts = np.full(len(order), TRAIN, np.int8)
    parts[order[first:second]] = VALIDATION
    parts[order[second:]] = TEST
    return parts


def _cold(
    ids: NDArray[np.integer], n: int, shares: tuple[float, float, float], rng: np.random.Generator
) -> Parts:
    """Part of every interaction, by that of its item or user."""
    met = rng.permutation(np.unique(ids))
    first, second = _cuts(len(met), shares)
    part_of = np.full(n, TRAIN, np.int8)
    part_of[met[first:second]] = VALIDATION
    part_of[met[second:]] = TEST
    parts: Parts = part_of[ids]
    return parts


def _cold_items(ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator) -> Parts:
    return _cold(ds.user_items.indices, ds.n_items, shares, rng)


def _cold_users(ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator) -> Parts:
    return _cold(_rows(ds), ds.n_users, shares, rng)


def _upstream(ds: Dataset, shares: tuple[float, float, float], rng: np.random.Generator) -> Parts:
    del shares, rng
    if ds.split is None:
        raise ValueError("method 'upstream' needs the publisher's split, and the data have none")
    return cast(Parts, ds.split.data)


_METHODS: dict[str, Callable[[Dataset, tuple[float, float, float], np.random.Generator], Parts]] = {
    "random": _random,
    "per_user": _per_user,
    "leave_one_out": _leave_one_out,
    "time": _time,
    "time_exact": _time_exact,
    "cold_items": _cold_items,
    "cold_users": _cold_users,
    "upstream": _upstream,
}
