# SPDX-License-Identifier: Apache-2.0
"""Codes in layers with a scale per layer and row, against the float product they stand for.

The baselines multiply float32 vectors, the signs times their scales (up to 32 times the memory),
and take the k largest. ``test_ratio`` times all in turns and prints what a search gains.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import hashrec_fast as hf
import peers
from checks import Answer, check_scores
from hashrec_fast.kernels.packing import pack

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LayerCase:
    """``threads`` is read by the fixture that limits libraries."""

    blocks: tuple[int, ...]
    n_items: int = 100_000
    n_queries: int = 200
    k: int = 100
    threads: int = 1


@dataclass(frozen=True)
class Problem:
    """Rows as packed codes and scales, and as the vectors that they stand for."""

    codes: NDArray[np.uint64]
    scales: Floats
    vectors: Floats


CASES = [
    LayerCase((64, 64, 64)),
    LayerCase((50, 100, 30)),
    LayerCase((256, 256, 256), n_items=50_000),
    LayerCase((64, 64, 64), n_queries=1),
    LayerCase((64, 64, 64), threads=2),
]
cases = pytest.mark.parametrize(
    "case", CASES, ids=lambda c: "-".join(map(str, (*c.blocks, c.n_queries, c.threads)))
)


@lru_cache(maxsize=2)
def rows_of(blocks: tuple[int, ...], n: int, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    signs = rng.choice(np.array([-1, 1], np.int8), (n, sum(blocks)))
    scales = rng.uniform(0.5, 1.5, (n, len(blocks))).astype(np.float32)
    return Problem(pack(signs), scales, np.repeat(scales, np.asarray(blocks), axis=1) * signs)


@pytest.fixture
def sides(case: LayerCase, pytestconfig: pytest.Config) -> tuple[Problem, Problem]:
    n_items = case.n_items // (20 if pytestconfig.getoption("--quick") else 1)
    return rows_of(case.blocks, n_items, 0), rows_of(case.blocks, case.n_queries, 1)


def searches(case: LayerCase, items: Problem, users: Problem) -> dict[str, Callable[[], Answer]]:
    """The members; torch only where it is installed."""
    index = hf.LinearScan(n_bits=sum(case.blocks), num_threads=case.threads)
    index.add(items.codes)
    found: dict[str, Callable[[], Answer]] = {
        "search_scaled": lambda: index.search_scaled(
            users.codes, case.k, users.scales, items.scales, case.blocks
        ),
        "numpy": peers.numpy_float(items.vectors, users.vectors, case.k),
    }
    try:
        import torch
    except ImportError:
        return found
    found["torch"] = peers.torch_float(torch, items.vectors, users.vectors, case.k)
    return found


def check(case: LayerCase, answer: Answer, items: Problem, users: Problem) -> None:
    """Scores are the largest products; ours are also those of their ids, falling."""
    check_scores(answer[0], items.vectors, users.vectors, case.k)
    scores, ids = (np.asarray(part)[:3] for part in answer)
    wanted = users.vectors[:3].astype(np.float64)
    true = np.einsum("qd,qkd->qk", wanted, items.vectors[ids].astype(np.float64))
    np.testing.assert_allclose(scores, true, rtol=1e-4, atol=1e-4)
    assert np.all(np.diff(scores, axis=1) <= 0)


@cases
@pytest.mark.parametrize("level", hf.available_simd_levels()[::-1], indirect=True)
def test_scaled(
    benchmark: Any, case: LayerCase, sides: tuple[Problem, Problem], level: str
) -> None:
    call = searches(case, *sides)["search_scaled"]
    check(case, call(), *sides)
    benchmark.group = f"layers {vars(case)}"
    benchmark.extra_info["level"] = level
    benchmark.pedantic(call, rounds=5, warmup_rounds=1)


@cases
@pytest.mark.parametrize("peer", ["numpy", "torch"])
def test_product(
    benchmark: Any, case: LayerCase, sides: tuple[Problem, Problem], peer: str
) -> None:
    members = searches(case, *sides)
    if peer not in members:
        pytest.skip(f"{peer} is not installed")
    check(case, members[peer](), *sides)
    benchmark.group = f"layers {vars(case)}"
    benchmark.pedantic(members[peer], rounds=3, warmup_rounds=1)


@cases
def test_ratio(
    benchmark: Any, case: LayerCase, sides: tuple[Problem, Problem], capsys: Any
) -> None:
    """In turns, the best of five each: noise hits all."""
    members = searches(case, *sides)
    best = dict.fromkeys(members, np.inf)
    for call in members.values():
        check(case, call(), *sides)
    for _ in range(5):
        for name, call in members.items():
            begin = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - begin)
    ours = best.pop("search_scaled")
    ratios = {name: round(seconds / ours, 2) for name, seconds in best.items()}
    rate = len(sides[0].codes) * case.n_queries / ours / 1e9
    benchmark.extra_info.update(ratios, gpairs=rate)
    with capsys.disabled():
        words = ", ".join(f"{name} takes {ratio} times as long" for name, ratio in ratios.items())
        print(f"\n{vars(case)}: {1e3 * ours:.2f} ms, {rate:.2f} Gpair/s; {words}")
    benchmark.pedantic(members["search_scaled"], rounds=1)
