# SPDX-License-Identifier: Apache-2.0
"""How a member of a case is timed and filed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from cases import Case
from checks import Answer

SECONDS = 1.0  # spent on the rounds of a member, in each pass
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


def rounds_of(seconds: float) -> int:
    """More rounds for short calls."""
    return max(LEAST_ROUNDS, min(MOST_ROUNDS, int(SECONDS / max(seconds, 1e-9))))


def run(benchmark: Any, case: Case, member: Member, pass_number: int) -> None:
    """Check the answer, then time the call; the checked call has warmed up caches and threads."""
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
    benchmark.pedantic(member.call, rounds=rounds_of(seconds), warmup_rounds=1)
