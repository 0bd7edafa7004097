# SPDX-License-Identifier: Apache-2.0
"""Hash tables: multi-index hashing (exact) and one bucket table (approximate)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

import hashrec_fast as hf
from cases import Case
from checks import Answer, check_exact, check_found
from contest import Member, answered
from data_kinds import data_of


@lru_cache(maxsize=2)
def built(name: str, case: Case) -> Any:
    """Building takes long, so the passes share an index."""
    if not hasattr(hf, name):
        pytest.skip(f"this version has no {name}")
    index = getattr(hf, name)(n_bits=case.n_bits, num_threads=case.threads)
    index.add(data_of(case).codes)
    return index


def table(case: Case, name: str, check: Callable[[Case, Answer], str]) -> Member:
    index, data = built(name, case), data_of(case)
    return Member(
        name=name,
        family="table",
        call=answered(lambda rows: index.search(rows, case.k), data.queries, case),
        check=lambda answer: check(case, answer),
        n_items=len(data.codes),
        n_queries=len(data.queries),
    )


@pytest.mark.family("table")
def test_multi_index(contest: Callable[[Member], None], case: Case) -> None:
    contest(table(case, "MultiIndex", check_exact))


@pytest.mark.family("table")
def test_hash_table(contest: Callable[[Member], None], case: Case) -> None:
    contest(table(case, "HashTable", check_found))
