# SPDX-License-Identifier: Apache-2.0
"""What the package is compared with, each as a call without arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hashrec_fast as hf
from checks import Answer
from data_kinds import Codes, Data, Vectors

BLOCK_SCORES = 1 << 24  # scores that numpy and torch hold at once: 64 MiB of float32
LEAST_BLOCK = 16  # queries in a product, even if that takes more memory

Search = Callable[[], Answer]


def faiss_binary(faiss: Any, codes: Codes, n_bits: int, *, heap: bool, batch: int) -> Any:
    """Faiss' exact binary index in one of its modes: heap or counting, queries per block."""
    index = faiss.IndexBinaryFlat(n_bits)
    index.use_heap = heap
    index.query_batch_size = batch
    index.add(hf.to_bytes(codes, n_bits))
    return index


def usearch_binary(usearch: Any, data: Data, n_bits: int, k: int, *, threads: int) -> Search:
    """USearch's exact search; it keeps all distances, so it is given few queries."""
    codes, queries = hf.to_bytes(data.codes, n_bits), hf.to_bytes(data.queries, n_bits)
    metric = usearch.MetricKind.Hamming

    def search() -> Answer:
        found = usearch.search(codes, queries, k, metric, exact=True, threads=threads)
        keys = np.asarray(found.keys).reshape(len(queries), k)
        return np.asarray(found.distances).reshape(len(queries), k).astype(np.int32), keys

    return search


def faiss_float(faiss: Any, items: Vectors, queries: Vectors, k: int) -> Search:
    """Faiss' exact inner-product index."""
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items)
    return lambda: index.search(queries, k)


def numpy_float(items: Vectors, queries: Vectors, k: int) -> Search:
    """Product by numpy's BLAS, then a partial sort."""

    def search() -> Answer:
        scores = np.empty((len(queries), k), dtype=np.float32)
        ids = np.empty((len(queries), k), dtype=np.int64)
        for block in _blocks(len(queries), len(items)):
            products = queries[block] @ items.T
            best = np.argpartition(products, -k, axis=1)[:, -k:]
            found = np.take_along_axis(products, best, axis=1)
            order = np.argsort(-found, axis=1)
            scores[block] = np.take_along_axis(found, order, axis=1)
            ids[block] = np.take_along_axis(best, order, axis=1)
        return scores, ids

    return search


def torch_float(
    torch: Any, items: NDArray[np.float32], queries: NDArray[np.float32], k: int
) -> Search:
    """Product and ``topk`` by torch."""
    rows, wanted = torch.from_numpy(items), torch.from_numpy(queries)

    def search() -> Answer:
        parts = [
            torch.topk(wanted[block] @ rows.T, k, dim=1)
            for block in _blocks(len(queries), len(items))
        ]
        return (
            torch.cat([part.values for part in parts]).numpy(),
            torch.cat([part.indices for part in parts]).numpy(),
        )

    return search


def _blocks(n_queries: int, n_items: int) -> Iterator[slice]:
    step = max(LEAST_BLOCK, BLOCK_SCORES // n_items)
    for begin in range(0, n_queries, step):
        yield slice(begin, begin + step)
