# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec bench``: Hamming search against float inner product on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click
import numpy as np

from hashrec_fast.cli.common import json_option, show, table
from hashrec_fast.kernels.simd import simd_level


def best_seconds(call: Callable[[], Any], repeats: int) -> float:
    """Shortest of several runs after one to warm up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(
    n_items: int, n_bits: int, n_queries: int, k: int, threads: int, repeats: int = 3
) -> dict[str, Any]:
    """Time the search of random codes and of float vectors with as many dimensions."""
    import hashrec_fast as hf
    from hashrec_fast.retrieval import FloatScan

    rng = np.random.default_rng(0)
    n_words = (n_bits + 63) // 64
    signs = np.full(n_words, 2**64 - 1, dtype=np.uint64)
    if n_bits % 64:
        signs[-1] = np.uint64(2 ** (n_bits % 64) - 1)

    def random_codes(n: int) -> Any:
        return rng.integers(0, 2**64, (n, n_words), dtype=np.uint64) & signs

    codes, queries = random_codes(n_items), random_codes(n_queries)
    index = hf.LinearScan(n_bits=n_bits, num_threads=threads)
    index.add(codes)
    distances, _ = index.search(queries[:2], k)
    expected = np.sort(hf.hamming_matrix(queries[:2], codes), axis=1)[:, :k]
    if not np.array_equal(distances[:, : expected.shape[1]], expected):
        raise ValueError("the search returned wrong distances; please report this")
    hamming = best_seconds(lambda: index.search(queries, k), repeats)
    vectors = rng.standard_normal((n_items, n_bits), dtype=np.float32)
    scan = FloatScan(vectors)
    wanted = rng.standard_normal((n_queries, n_bits), dtype=np.float32)
    inner = best_seconds(lambda: scan.search(wanted, k), max(1, repeats - 2))
    return {
        "items": n_items,
        "bits": n_bits,
        "queries": n_queries,
        "k": k,
        "hamming_ms_per_query": 1e3 * hamming / n_queries,
        "float_ms_per_query": 1e3 * inner / n_queries,
        "speedup": inner / hamming,
        "hamming_mb": n_items * n_words * 8 / 1e6,
        "float_mb": n_items * n_bits * 4 / 1e6,
    }


def parse_sizes(text: str, name: str) -> list[int]:
    """Positive whole numbers from a comma-separated option."""
    try:
        sizes = [int(size) for size in text.split(",")]
    except ValueError:
        raise ValueError(f"{name} must be numbers like 10000,100000, got {text!r}") from None
    if min(sizes) < 1:
        raise ValueError(f"{name} must be at least 1, got {min(sizes)}")
    return sizes


@click.command()
@click.option("--items", default="10000,100000,1000000", show_default=True, help="Comma-separated.")
@click.option("--bits", default=64, show_default=True)
@click.option("--queries", default=100, show_default=True)
@click.option("-k", default=100, show_default=True)
@click.option("--threads", default=0, show_default=True)
@json_option
def bench(items: str, bits: int, queries: int, k: int, threads: int, as_json: bool) -> None:
    """Measure exact Hamming top-k against float inner product (numpy) here and now."""
    sizes = parse_sizes(items, "--items")
    for value, name in ((bits, "--bits"), (queries, "--queries"), (k, "-k")):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    found = [compare(size, bits, queries, k, threads) for size in sizes]
    header = ("items", "Hamming ms/query", "float ms/query", "ratio", "codes MB", "floats MB")
    keys = (
        "items",
        "hamming_ms_per_query",
        "float_ms_per_query",
        "speedup",
        "hamming_mb",
        "float_mb",
    )
    text = table(header, [[row[key] for key in keys] for row in found])
    level = f"{bits} bits, k={k}, {queries} queries, SIMD level {simd_level()}"
    show(found, as_json, f"{level}\n{text}")
