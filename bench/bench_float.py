# SPDX-License-Identifier: Apache-2.0
"""Largest inner products of real vectors with as many dimensions as the codes have bits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import peers
from cases import Case, n_queries_of
from checks import check_scores
from contest import Member
from data_kinds import Vectors, vectors

Contest = Callable[[Member], None]


def arrays(case: Case) -> tuple[Vectors, Vectors]:
    n_queries = n_queries_of("float", case.n_items, case.n_queries)
    return vectors(case.n_items, n_queries, case.n_bits)


def member(case: Case, name: str, search: peers.Search) -> Member:
    items, queries = arrays(case)
    return Member(
        name=name,
        family="float",
        call=search,
        check=lambda answer: check_scores(answer[0], items, queries, case.k),
        n_items=len(items),
        n_queries=len(queries),
    )


@pytest.mark.family("float")
def test_numpy(contest: Contest, case: Case) -> None:
    contest(member(case, "numpy @, argpartition", peers.numpy_float(*arrays(case), case.k)))


@pytest.mark.family("float")
def test_torch(contest: Contest, case: Case) -> None:
    torch = pytest.importorskip("torch")
    contest(member(case, "torch @, topk", peers.torch_float(torch, *arrays(case), case.k)))


@pytest.mark.family("float")
def test_faiss_float(contest: Contest, case: Case) -> None:
    faiss = pytest.importorskip("faiss")
    contest(member(case, "faiss IndexFlatIP", peers.faiss_float(faiss, *arrays(case), case.k)))
