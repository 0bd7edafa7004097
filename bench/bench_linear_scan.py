# SPDX-License-Identifier: Apache-2.0
"""Exact scan at each SIMD level; the level used by default runs all cases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import hashrec_fast as hf
import machine
from cases import Case, n_queries_of
from checks import check_exact
from contest import Member, answered
from data_kinds import data_of

LOWER = [level for level in reversed(hf.available_simd_levels()) if level != machine.BEST_LEVEL]


def scan(case: Case, family: str, level: str) -> Member:
    data = data_of(case)
    n_queries = n_queries_of(family, len(data.codes), len(data.queries))
    index = hf.LinearScan(n_bits=case.n_bits, num_threads=case.threads)
    index.add(data.codes)
    queries = data.queries[:n_queries]
    return Member(
        name=f"LinearScan {level}",
        family=family,
        call=answered(lambda rows: index.search(rows, case.k), queries, case),
        check=lambda answer: check_exact(case, answer),
        n_items=len(data.codes),
        n_queries=n_queries,
    )


@pytest.mark.family("scan")
@pytest.mark.parametrize("level", [machine.BEST_LEVEL], indirect=True)
def test_scan(contest: Callable[[Member], None], case: Case, level: str) -> None:
    contest(scan(case, "scan", level))


@pytest.mark.family("level")
@pytest.mark.parametrize("level", LOWER, indirect=True)
def test_lower_level(contest: Callable[[Member], None], case: Case, level: str) -> None:
    contest(scan(case, "level", level))
