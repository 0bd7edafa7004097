# SPDX-License-Identifier: Apache-2.0
"""Top-k of 100 queries: Hamming scan at each SIMD level against real inner products and faiss.

Run with ``pytest bench/bench_hamming_topk.py``; ``--threads 2`` for more threads. The codes are the
signs of the vectors, so all members answer the same kind of question at the same length. Every
member's answer is checked before it is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import hashrec_fast as hf
from hashrec_fast.testing import reference_search

N_BITS = 64
N_QUERIES = 100
N_ITEMS = (10_000, 100_000, 1_000_000)
KS = (10, 100)
LEVELS = tuple(hf.available_simd_levels())
BLOCK_SCORES = 1 << 24  # scores that a float member holds at once

Vectors = NDArray[np.float32]
Answer = tuple[NDArray[Any], NDArray[Any]]


@lru_cache(maxsize=1)
def vectors(n_items: int) -> tuple[Vectors, Vectors]:
    rng = np.random.default_rng(0)
    items = rng.standard_normal((n_items, N_BITS), dtype=np.float32)
    return items, rng.standard_normal((N_QUERIES, N_BITS), dtype=np.float32)


def blocks(n_items: int) -> Iterator[slice]:
    step = max(1, BLOCK_SCORES // n_items)
    for begin in range(0, N_QUERIES, step):
        yield slice(begin, begin + step)


def check_scores(scores: NDArray[Any], items: Vectors, queries: Vectors, k: int) -> None:
    exact = queries[:3].astype(np.float64) @ items.T.astype(np.float64)
    best = -np.sort(-exact, axis=1)[:, :k]
    np.testing.assert_allclose(-np.sort(-scores[:3], axis=1), best, rtol=1e-4)


def check_distances(
    distances: NDArray[Any], ids: NDArray[Any] | None, n_items: int, k: int
) -> None:
    items, queries = vectors(n_items)
    expected = reference_search.search(hf.pack(items), hf.pack(queries[:3]), k)
    np.testing.assert_array_equal(distances[:3], expected[0])
    if ids is not None:
        np.testing.assert_array_equal(ids[:3], expected[1])


@pytest.fixture
def timed(benchmark: Any, timings: dict[str, dict[str, float]]) -> Callable[..., None]:
    """Time a call and file it under its group."""

    def run(call: Callable[[], Any], name: str, n_items: int, k: int) -> None:
        group = f"{n_items} items, {N_BITS} bits, k = {k}, {N_QUERIES} queries"
        benchmark.group = group
        rounds = 20 if n_items < 10**6 else 5
        benchmark.pedantic(call, rounds=rounds, warmup_rounds=1)
        if benchmark.stats is not None:  # None with --benchmark-disable
            timings.setdefault(group, {})[name] = benchmark.stats.stats.min

    return run


pytestmark = [pytest.mark.parametrize("k", KS), pytest.mark.parametrize("n_items", N_ITEMS)]


@pytest.mark.parametrize("level", LEVELS)
def test_linear_scan(
    timed: Callable[..., None], threads: int, n_items: int, k: int, level: str
) -> None:
    items, real_queries = vectors(n_items)
    index = hf.LinearScan(n_bits=N_BITS, num_threads=threads)
    index.add(hf.pack(items))
    queries = hf.pack(real_queries)
    before = hf.simd_level()
    hf.set_simd_level(level)
    try:
        check_distances(*index.search(queries, k), n_items, k)
        timed(lambda: index.search(queries, k), f"LinearScan {level}", n_items, k)
    finally:
        hf.set_simd_level(before)


def numpy_topk(items: Vectors, queries: Vectors, k: int) -> NDArray[np.float32]:
    found = np.empty((len(queries), k), dtype=np.float32)
    for block in blocks(len(items)):
        scores = queries[block] @ items.T
        best = np.argpartition(scores, -k, axis=1)[:, -k:]
        found[block] = -np.sort(-np.take_along_axis(scores, best, axis=1), axis=1)
    return found


@pytest.mark.usefixtures("threads")
def test_numpy(timed: Callable[..., None], n_items: int, k: int) -> None:
    items, queries = vectors(n_items)
    check_scores(numpy_topk(items, queries, k), items, queries, k)
    timed(lambda: numpy_topk(items, queries, k), "numpy @, argpartition", n_items, k)


@pytest.mark.usefixtures("threads")
def test_torch(timed: Callable[..., None], n_items: int, k: int) -> None:
    torch = pytest.importorskip("torch")
    arrays = vectors(n_items)
    items, queries = (torch.from_numpy(array) for array in arrays)

    def topk() -> Any:
        parts = [torch.topk(queries[b] @ items.T, k, dim=1).values for b in blocks(n_items)]
        return torch.cat(parts)

    check_scores(topk().numpy(), *arrays, k)
    timed(topk, "torch @, topk", n_items, k)


def test_faiss_float(timed: Callable[..., None], threads: int, n_items: int, k: int) -> None:
    faiss = pytest.importorskip("faiss")
    faiss.omp_set_num_threads(threads)
    items, queries = vectors(n_items)
    index = faiss.IndexFlatIP(N_BITS)
    index.add(items)
    check_scores(index.search(queries, k)[0], items, queries, k)
    timed(lambda: index.search(queries, k), "faiss IndexFlatIP", n_items, k)


@pytest.mark.parametrize("heap", [True, False])
def test_faiss_binary(
    timed: Callable[..., None], threads: int, n_items: int, k: int, heap: bool
) -> None:
    faiss = pytest.importorskip("faiss")
    faiss.omp_set_num_threads(threads)
    items, queries = (hf.to_bytes(hf.pack(array), N_BITS) for array in vectors(n_items))
    index = faiss.IndexBinaryFlat(N_BITS)
    index.use_heap = heap
    index.add(items)
    check_distances(index.search(queries, k)[0], None, n_items, k)  # its ids differ at ties
    name = f"faiss BinaryFlat {'heap' if heap else 'count'}"
    timed(lambda: index.search(queries, k), name, n_items, k)
