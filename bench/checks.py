# SPDX-License-Identifier: Apache-2.0
"""Every answer is checked before it is timed.

The first queries are compared with the naive reference search; over all queries, the sums of the
distances must be those of every other exact member of the case, whose code is independent.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cases import Case
from data_kinds import Codes, Vectors, data_of, excluded
from hashrec_fast.testing import reference_search

N_CHECKED = 3
Answer = tuple[NDArray[Any], NDArray[Any]]

_sums: dict[Case, NDArray[np.int64]] = {}
_farthest: dict[Case, NDArray[np.int32]] = {}  # distance of the k-th neighbour


@lru_cache(maxsize=1)
def expected(case: Case) -> Answer:
    """Distances and ids of the first queries by the reference search.

    The reference sorts all that it is given, so it is given only the codes that are at most as far
    as the k-th.
    """
    data, lists = data_of(case), excluded(case)
    found = []
    for q, query in enumerate(data.queries[:N_CHECKED]):
        row = np.bitwise_count(data.codes ^ query).sum(axis=1, dtype=np.int64)
        if lists is not None:
            row[lists.indices[lists.indptr[q] : lists.indptr[q + 1]]] = 2**31
        farthest = np.partition(row, case.k - 1)[case.k - 1] if case.k < len(row) else 2**31
        rows = np.flatnonzero(row <= min(farthest, 2**31 - 1))
        found.append(reference_search.search(data.codes[rows], query[None, :], case.k, ids=rows))
    return np.vstack([one[0] for one in found]), np.vstack([one[1] for one in found])


def check_exact(case: Case, answer: Answer, with_ids: bool = True) -> str:
    """Exact Hamming neighbours; peers order equal distances otherwise, so only ours bring ids."""
    distances = np.asarray(answer[0])
    assert distances.shape[1] == case.k
    wanted = expected(case)
    np.testing.assert_array_equal(distances[:N_CHECKED], wanted[0][: len(distances)])
    if with_ids:
        np.testing.assert_array_equal(answer[1][:N_CHECKED], wanted[1][: len(distances)])
    sums = distances.sum(axis=1, dtype=np.int64)
    known = _sums.get(case)
    if known is not None:
        both = min(len(known), len(sums))
        np.testing.assert_array_equal(sums[:both], known[:both])
    if known is None or len(sums) > len(known):
        _sums[case], _farthest[case] = sums, distances[:, -1:].copy()
    return ""


def check_found(case: Case, answer: Answer) -> str:
    """An approximate member: distances must be true and rise; returns its recall in words."""
    distances, ids = (np.asarray(part) for part in answer)
    data = data_of(case)
    for q, query in enumerate(data.queries[:N_CHECKED]):
        there = ids[q] >= 0
        true = np.bitwise_count(data.codes[ids[q][there]] ^ query).sum(axis=1)
        np.testing.assert_array_equal(distances[q][there], true)
        assert np.all(np.diff(distances[q][there]) >= 0)
        assert len(np.unique(ids[q][there])) == there.sum()
    farthest = _farthest[case] if case in _farthest else expected(case)[0][:, -1:]
    near = distances[: len(farthest)]
    share = ((ids[: len(farthest)] >= 0) & (near <= farthest)).mean()
    return f"recall {share:.2f} of {len(near)} queries"


def check_scores(scores: Any, items: Vectors, queries: Vectors, k: int) -> str:
    """The largest inner products of the first queries, up to rounding."""
    wanted = queries[:N_CHECKED].astype(np.float64)
    blocks = range(0, len(items), 1 << 20)  # float64 copies of all items would take gigabytes
    exact = np.hstack([wanted @ items[i : i + (1 << 20)].astype(np.float64).T for i in blocks])
    best = -np.partition(-exact, k - 1, axis=1)[:, :k] if k < len(items) else exact
    found = -np.sort(-np.asarray(scores)[:N_CHECKED], axis=1)
    np.testing.assert_allclose(found, -np.sort(-best, axis=1), rtol=1e-4, atol=1e-4)
    return ""


def signs_of(codes: Codes, n_bits: int) -> Vectors:
    """Codes as float32 +-1 (n, n_bits), by numpy alone."""
    flags = np.unpackbits(codes.view(np.uint8), axis=1, count=n_bits, bitorder="little")
    return np.where(flags, np.float32(1), np.float32(-1))
