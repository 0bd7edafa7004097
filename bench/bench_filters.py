# SPDX-License-Identifier: Apache-2.0
"""Exact scan with a list of ids that each query must not return."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import hashrec_fast as hf
import machine
from cases import Case
from checks import check_exact
from contest import Member
from data_kinds import data_of, excluded


@pytest.mark.family("scan", excluded=True)
def test_exclude(contest: Callable[[Member], None], case: Case) -> None:
    data, lists = data_of(case), excluded(case)
    index = hf.LinearScan(n_bits=case.n_bits, num_threads=case.threads)
    index.add(data.codes)
    contest(
        Member(
            name=f"LinearScan {machine.BEST_LEVEL}",
            family="scan",
            call=lambda: index.search(data.queries, case.k, exclude=lists),
            check=lambda answer: check_exact(case, answer),
            n_items=len(data.codes),
            n_queries=len(data.queries),
        )
    )
