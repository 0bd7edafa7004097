# SPDX-License-Identifier: Apache-2.0
"""How a member of a case is timed and filed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cases import Case
from checks import Answer

SECONDS = {False: 1.0, True: 0.1}  # spent on the rounds of a member in a pass, by quick
SLOW = 0.5  # seconds of a call whose check has warmed up enough
LEAST_ROUNDS = 3
MOST_ROUNDS = 200


@dataclass(frozen=True, kw_only=True)
class Member:
    """A contender: its call, and a check of its answer that returns a remark."""

    name: str
    family: str
    call: Callable[[], Answer]
    check: Callable[[Answer], str]
    n_items: int
    n_queries: int


def answered(
    search: Callable[[NDArray[Any]], Answer], queries: NDArray[Any], case: Case
) -> Callable[[], Answer]:
    """A call that answers all queries, at once or one by one."""
    if not case.one_by_one:
        return lambda: search(queries)
    rows = [queries[i : i + 1] for i in range(len(queries))]

    def call() -> Answer:
        parts = [search(row) for row in rows]
        return np.vstack([part[0] for part in parts]), np.vstack([part[1] for part in parts])

    return call


def run(benchmark: Any, case: Case, member: Member, *, pass_number: int, quick: bool) -> None:
    """Check the answer, then time the call; short calls get more rounds."""
    start = time.perf_counter()
    answer = member.call()
    seconds = time.perf_counter() - start
    remark = member.check(answer)
    benchmark.group = ", ".join(f"{name} {value}" for name, value in asdict(case).items())
    benchmark.extra_info.update(
        case=asdict(case),
        member=member.name,
        family=member.family,
        n_items=member.n_items,
        n_queries=member.n_queries,
        pass_number=pass_number,
        remark=remark,
    )
    rounds = max(LEAST_ROUNDS, min(MOST_ROUNDS, int(SECONDS[quick] / max(seconds, 1e-9))))
    benchmark.pedantic(member.call, rounds=rounds, warmup_rounds=0 if seconds > SLOW else 1)
