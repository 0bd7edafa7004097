# SPDX-License-Identifier: Apache-2.0
"""Real-valued queries against codes, and a cascade that ranks a Hamming list again.

The baseline multiplies float32 vectors by the codes unpacked to +-1 (32 times the memory).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hashrec_fast as hf
import machine
import peers
from cases import Case, n_queries_of
from checks import Answer, check_scores, signs_of
from contest import Member
from data_kinds import Vectors, data_of, vectors

Contest = Callable[[Member], None]
LEVELS = hf.available_simd_levels()[::-1]
N_CANDIDATES = 1000


def wanted(case: Case, family: str) -> Vectors:
    n_queries = n_queries_of(family, case.n_items, case.n_queries)
    return vectors(1, case.n_queries, case.n_bits)[1][:n_queries]


@pytest.mark.family("asymmetric")
@pytest.mark.parametrize("level", LEVELS, indirect=True)
def test_asymmetric(contest: Contest, case: Case, level: str) -> None:
    if not hasattr(hf.LinearScan, "search_asymmetric"):
        pytest.skip("this version has no LinearScan.search_asymmetric")
    codes = data_of(case).codes
    queries = wanted(case, "asymmetric" if level == machine.BEST_LEVEL else "asymmetric level")
    index: Any = hf.LinearScan(n_bits=case.n_bits, num_threads=case.threads)
    index.add(codes)
    contest(
        Member(
            name=f"search_asymmetric {level}",
            family="asymmetric",
            call=lambda: index.search_asymmetric(queries, case.k),
            check=lambda answer: check_scores(
                answer[0], signs_of(codes, case.n_bits), queries, case.k
            ),
            n_items=len(codes),
            n_queries=len(queries),
        )
    )


@pytest.mark.family("gemm")
def test_torch_signs(contest: Contest, case: Case) -> None:
    torch = pytest.importorskip("torch")
    signs = signs_of(data_of(case).codes, case.n_bits)
    queries = wanted(case, "gemm")
    contest(
        Member(
            name="torch @ of +-1, topk",
            family="gemm",
            call=peers.torch_float(torch, signs, queries, case.k),
            check=lambda answer: check_scores(answer[0], signs, queries, case.k),
            n_items=len(signs),
            n_queries=len(queries),
        )
    )


def check_cascade(answer: Answer, items: Vectors, queries: Vectors) -> str:
    """Scores are those of the ids and fall."""
    scores, ids = (np.asarray(part)[:3] for part in answer)
    true = np.einsum("qd,qkd->qk", queries[:3], items[ids])
    np.testing.assert_allclose(scores, true, rtol=1e-4, atol=1e-4)
    assert np.all(np.diff(scores, axis=1) <= 0)
    return f"approximate: best {ids.shape[1]} of {N_CANDIDATES} candidates"


@pytest.mark.family("asymmetric")
def test_cascade(contest: Contest, case: Case) -> None:
    if not hasattr(hf, "rerank"):
        pytest.skip("this version has no rerank")
    if case.k >= N_CANDIDATES:
        pytest.skip(f"the cascade ranks {N_CANDIDATES} candidates, k = {case.k}")
    data = data_of(case)
    items, queries = vectors(len(data.codes), len(data.queries), case.n_bits)
    index = hf.LinearScan(n_bits=case.n_bits, num_threads=case.threads)
    index.add(data.codes)

    def search() -> Answer:
        found: Answer = hf.rerank(
            queries, items, index.search(data.queries, N_CANDIDATES)[1], case.k
        )
        return found

    contest(
        Member(
            name="search, rerank",
            family="asymmetric",
            call=search,
            check=lambda answer: check_cascade(answer, items, queries),
            n_items=len(items),
            n_queries=len(queries),
        )
    )
