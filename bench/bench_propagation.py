# SPDX-License-Identifier: Apache-2.0
"""Forward and backward propagation of LightGCN: this package at every level, torch, scipy.

Two layers of 64 dimensions over the normalised graph of gowalla's training part (generated data
where it is not): four products, since the graph is its own transpose.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

import hashrec_fast as hf
from dcd_round import training_data
from hashrec_fast.kernels.propagation import csr_times_dense

N_LAYERS = 2
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class GraphCase:
    """``threads`` is read by the fixture that limits libraries."""

    threads: int
    dim: int = 64


CASES = [GraphCase(1), GraphCase(2)]


@dataclass(frozen=True)
class Problem:
    """The graph, the nodes' vectors, the gradient of the output, and the answers."""

    graph: sp.csr_matrix
    nodes: Rows
    gradient: Rows
    expected: tuple[Rows, Rows]


def both_ways(times: Callable[[Any], Any], nodes: Any, gradient: Any) -> tuple[Any, Any]:
    """Sums over the layers: outputs from the nodes, and their gradient from that of the outputs."""
    answers = []
    for start in (nodes, gradient):
        layer, total = start, start
        for _ in range(N_LAYERS):
            layer = times(layer)
            total = total + layer
        answers.append(total)
    return answers[0], answers[1]


@lru_cache(maxsize=1)
def problem_of(dim: int, quick: bool) -> Problem:
    """On gowalla where it is, else on generated data."""
    pytest.importorskip("torch")
    from hashrec_fast.towers.layers.adjacency import bipartite_adjacency

    folder = os.environ.get("HASHREC_DATA")
    real = not quick and folder is not None and (Path(folder) / "gowalla").is_dir()
    adjacency = bipartite_adjacency(training_data("gowalla" if real else "generated"))
    indptr, indices, values = adjacency.arrays()
    graph = sp.csr_matrix((values, indices, indptr), shape=adjacency.shape)
    rng = np.random.default_rng(0)
    nodes, gradient = rng.standard_normal((2, graph.shape[0], dim)).astype(np.float32)
    exact = graph.astype(np.float64)
    expected = both_ways(lambda x: exact @ x, nodes.astype(np.float64), gradient.astype(np.float64))
    return Problem(graph, nodes, gradient, expected)


@pytest.fixture
def problem(case: GraphCase, pytestconfig: pytest.Config) -> Problem:
    return problem_of(case.dim, bool(pytestconfig.getoption("--quick")))


def timed(
    benchmark: Any, case: GraphCase, problem: Problem, call: Callable[[], tuple[Any, Any]]
) -> None:
    """Check both answers, then time."""
    for found, wanted in zip(call(), problem.expected, strict=True):
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-4, atol=1e-4)
    benchmark.group = f"propagation of {problem.graph.shape[0]} nodes, {vars(case)}"
    benchmark.extra_info["entries"] = int(problem.graph.nnz)
    benchmark.pedantic(call, rounds=7, warmup_rounds=1)


cases = pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.threads}")


@cases
@pytest.mark.parametrize("level", hf.available_simd_levels(), indirect=True)
def test_compiled(benchmark: Any, case: GraphCase, problem: Problem, level: str) -> None:
    del level
    graph = problem.graph
    indptr = graph.indptr.astype(np.int64)

    def times(dense: Rows) -> Rows:
        return csr_times_dense(indptr, graph.indices, graph.data, dense, num_threads=case.threads)

    timed(benchmark, case, problem, lambda: both_ways(times, problem.nodes, problem.gradient))


@cases
def test_autograd(benchmark: Any, case: GraphCase, problem: Problem) -> None:
    """As training uses it: ``propagate`` and its gradient."""
    torch = pytest.importorskip("torch")
    from hashrec_fast.towers.layers.adjacency import Adjacency, propagate

    adjacency = Adjacency.from_csr(problem.graph, num_threads=case.threads)
    assert adjacency.transpose is None
    nodes = torch.from_numpy(problem.nodes).requires_grad_()
    gradient = torch.from_numpy(problem.gradient)

    def call() -> tuple[Any, Any]:
        nodes.grad = None
        layer = total = nodes
        for _ in range(N_LAYERS):
            layer = propagate(adjacency, layer)
            total = total + layer
        total.backward(gradient)
        return total.detach(), nodes.grad

    timed(benchmark, case, problem, call)


@cases
def test_torch_sparse(benchmark: Any, case: GraphCase, problem: Problem) -> None:
    torch = pytest.importorskip("torch")
    graph = problem.graph
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        matrix = torch.sparse_csr_tensor(
            torch.from_numpy(graph.indptr.astype(np.int64)),
            torch.from_numpy(graph.indices.astype(np.int64)),
            torch.from_numpy(graph.data),
            size=graph.shape,
        )
    nodes, gradient = torch.from_numpy(problem.nodes), torch.from_numpy(problem.gradient)
    timed(benchmark, case, problem, lambda: both_ways(lambda x: matrix @ x, nodes, gradient))


@cases
def test_scipy(benchmark: Any, case: GraphCase, problem: Problem) -> None:
    """One thread, whatever the case says."""
    graph = problem.graph
    timed(
        benchmark,
        case,
        problem,
        lambda: both_ways(lambda x: graph @ x, problem.nodes, problem.gradient),
    )
