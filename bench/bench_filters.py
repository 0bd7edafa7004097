# SPDX-License-Identifier: Apache-2.0
"""Exact scan with a list of ids that each query must not return."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import hashrec_fast as hf
import machine
from cases import Case
from checks import Answer, check_exact
from contest import Member
from data_kinds import data_of, excluded


def check_filtered(case: Case, answer: Answer) -> str:
    """As without a list, and no query may get an id of its list."""
    lists = excluded(case)
    assert lists is not None
    queries = np.repeat(np.arange(lists.shape[0]), np.diff(lists.indptr))
    keys = queries * lists.shape[1] + lists.indices.astype(np.int64)
    found = np.arange(lists.shape[0])[:, None] * lists.shape[1] + answer[1]
    assert not np.isin(found[answer[1] >= 0], keys).any()
    return check_exact(case, answer)


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
            check=lambda answer: check_filtered(case, answer),
            n_items=len(data.codes),
            n_queries=len(data.queries),
        )
    )
