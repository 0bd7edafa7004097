# SPDX-License-Identifier: Apache-2.0
"""Exact binary search of other libraries: faiss in each of its modes, USearch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import hashrec_fast as hf
import peers
from cases import Case, n_queries_of
from checks import check_exact
from contest import Member, answered
from data_kinds import Data, data_of

DEFAULT_BATCH, LARGE_BATCH = 32, 1000


@pytest.mark.family("faiss")
@pytest.mark.parametrize("batch", [DEFAULT_BATCH, LARGE_BATCH])
@pytest.mark.parametrize("heap", [True, False], ids=["heap", "count"])
def test_faiss_binary(
    contest: Callable[[Member], None], case: Case, heap: bool, batch: int
) -> None:
    faiss = pytest.importorskip("faiss")
    data = data_of(case)
    if batch > DEFAULT_BATCH >= (1 if case.one_by_one else len(data.queries)):
        pytest.skip(f"no call has more queries than a default block, {DEFAULT_BATCH}")
    index = peers.faiss_binary(faiss, data.codes, case.n_bits, heap=heap, batch=batch)
    queries = hf.to_bytes(data.queries, case.n_bits)
    contest(
        Member(
            name=f"faiss BinaryFlat ({'heap' if heap else 'count'}, {batch})",
            family="faiss",
            call=answered(lambda rows: index.search(rows, case.k), queries, case),
            check=lambda answer: check_exact(case, answer, with_ids=False),
            n_items=len(data.codes),
            n_queries=len(data.queries),
        )
    )


@pytest.mark.family("usearch")
def test_usearch(contest: Callable[[Member], None], case: Case) -> None:
    usearch = pytest.importorskip("usearch.index")
    codes, queries = data_of(case)
    n_queries = n_queries_of("usearch", len(codes), len(queries))
    data = Data(codes, queries[:n_queries])
    search = peers.usearch_binary(usearch, data, case.n_bits, case.k, threads=case.threads)
    contest(
        Member(
            name="usearch exact",
            family="usearch",
            call=search,
            check=lambda answer: check_exact(case, answer, with_ids=False),
            n_items=len(codes),
            n_queries=n_queries,
        )
    )
