# SPDX-License-Identifier: Apache-2.0
"""Codes and queries of each kind, real vectors, and lists of excluded ids."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

import hashrec_fast as hf
from cases import Case

Codes = NDArray[np.uint64]
Vectors = NDArray[np.float32]
RESULTS = Path(__file__).parent / "results"
N_CENTRES = 1000
N_FLIPS = 3


class Data(NamedTuple):
    """Packed codes uint64 (n_items, n_words) and queries (n_queries, n_words)."""

    codes: Codes
    queries: Codes


def data_of(case: Case) -> Data:
    """The data of a case; skips the test when real data are not there."""
    return _data(case.kind, case.n_items, case.n_bits, case.n_queries)


@lru_cache(maxsize=1)
def _data(kind: str, n_items: int, n_bits: int, n_queries: int) -> Data:
    rng = np.random.default_rng(0)
    if kind == "gowalla":
        learnt = gowalla()
        return Data(learnt["items"], learnt["users"][: n_queries or None])
    if kind == "random like gowalla":
        learnt = gowalla()
        n_items, n_queries = len(learnt["items"]), n_queries or len(learnt["users"])
        return Data(random_codes(n_items, n_bits, rng), random_codes(n_queries, n_bits, rng))
    if kind == "random":
        return Data(random_codes(n_items, n_bits, rng), random_codes(n_queries, n_bits, rng))
    return _structured(kind, n_items, n_bits, n_queries, rng)


def _structured(
    kind: str, n_items: int, n_bits: int, n_queries: int, rng: np.random.Generator
) -> Data:
    if kind in {"clustered", "sorted clusters", "near copies"}:
        # near copies: about a hundred codes around each centre, so the nearest ones are very near
        n_centres = max(1, n_items // 100) if kind == "near copies" else N_CENTRES
        centres = random_codes(n_centres, n_bits, rng)
        choice = rng.integers(0, n_centres, n_items)
        if kind == "sorted clusters":
            choice.sort()
        queries = flipped(centres[rng.integers(0, n_centres, n_queries)], n_bits, rng)
        return Data(flipped(centres[choice], n_bits, rng), queries)
    if kind == "duplicates":
        # a hundred copies of each code on average, the first ones far more often
        distinct = random_codes(max(1, n_items // 100), n_bits, rng)
        choice = (len(distinct) * rng.random(n_items) ** 3).astype(np.int64)
        return Data(distinct[choice], distinct[rng.integers(0, len(distinct), n_queries)])
    centre = random_codes(1, n_bits, rng)
    queries = flipped(np.repeat(centre, n_queries, axis=0), n_bits, rng)
    if kind == "equal":
        return Data(np.repeat(centre, n_items, axis=0), queries)
    if kind == "adverse":  # every query meets ever nearer codes
        codes = random_codes(n_items, n_bits, rng)
        distances = np.bitwise_count(codes ^ centre).sum(axis=1, dtype=np.int64)
        return Data(codes[np.argsort(-distances, kind="stable")], queries)
    raise ValueError(f"unknown kind {kind!r}")


def random_codes(n: int, n_bits: int, rng: np.random.Generator) -> Codes:
    """Independent fair bits."""
    codes = rng.integers(0, 2**64, (n, (n_bits + 63) // 64), dtype=np.uint64)
    if n_bits % 64:
        codes[:, -1] &= np.uint64(2 ** (n_bits % 64) - 1)
    return codes


def flipped(codes: Codes, n_bits: int, rng: np.random.Generator) -> Codes:
    """The codes with up to ``N_FLIPS`` bits of each turned."""
    codes = codes.copy()
    rows = np.arange(len(codes))
    for bits in rng.integers(0, n_bits, (N_FLIPS, len(codes))):
        codes[rows, bits // 64] ^= np.uint64(1) << (bits % 64).astype(np.uint64)
    return codes


@lru_cache(maxsize=1)
def vectors(n_items: int, n_queries: int, n_dims: int) -> tuple[Vectors, Vectors]:
    """Real items and queries with as many dimensions as codes have bits."""
    rng = np.random.default_rng(1)
    items = rng.standard_normal((n_items, n_dims), dtype=np.float32)
    return items, rng.standard_normal((n_queries, n_dims), dtype=np.float32)


@lru_cache(maxsize=1)
def gowalla() -> dict[str, NDArray[Any]]:
    """Codes of 64 bits of all items and users, and the items each user has seen; fitted once."""
    path = RESULTS / "gowalla_64.npz"
    if not path.is_file():
        if not os.environ.get("HASHREC_DATA"):
            pytest.skip("HASHREC_DATA is not set, so there are no learnt codes")
        try:
            user_items = hf.data.load("gowalla").user_items
        except (OSError, ValueError) as error:
            pytest.skip(f"gowalla cannot be read: {error}")
        model: Any = hf.create("wdcf", n_bits=64, random_state=0)
        model.fit(user_items, show_progress=False)
        RESULTS.mkdir(exist_ok=True)
        np.savez(
            path,
            items=model.item_codes_,
            users=model.user_codes_,
            indptr=user_items.indptr,
            indices=user_items.indices,
        )
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@lru_cache(maxsize=1)
def excluded(case: Case) -> sp.csr_matrix | None:
    """One row of excluded ids per query: ``none``, ``<n> random``, ``<n> nearest`` or ``seen``."""
    if case.exclude == "none":
        return None
    data = data_of(case)
    n_items, n_queries = len(data.codes), len(data.queries)
    if case.exclude == "seen":
        learnt = gowalla()
        indptr = learnt["indptr"][: n_queries + 1]
        ids = learnt["indices"][: indptr[-1]]
    else:
        count, how = int(case.exclude.split()[0]), case.exclude.split()[1]
        if how == "nearest":  # what a good recommender's seen items look like, at worst
            index = hf.LinearScan(n_bits=case.n_bits, num_threads=case.threads)
            index.add(data.codes)
            lists = index.search(data.queries, count)[1]
        else:
            rng = np.random.default_rng(2)
            lists = np.array([rng.choice(n_items, count, replace=False) for _ in data.queries])
        ids = np.sort(lists, axis=1).ravel()
        indptr = np.arange(n_queries + 1) * count
    values = np.ones(len(ids), dtype=np.float32)
    return sp.csr_matrix((values, ids, indptr), shape=(n_queries, n_items))
