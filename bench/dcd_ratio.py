# SPDX-License-Identifier: Apache-2.0
"""A round of ``dcf`` against an iteration of implicit's ALS, its own twin, and two threads.

    python bench/dcd_ratio.py [--data gowalla] [--bits 64]

A round is both delegates, the user pass and the item pass. All are measured in one run and in
turns. One thread: processor time of the thread (a busy machine would lengthen the clock's), of the
process for implicit; two threads: the clock. The twin passes over some rows and is extrapolated.
The answer is checked against the twin before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings

from threadpoolctl import threadpool_limits

from dcd_round import Round, implicit_iteration, training_data


def seconds(problem: Round, threads: int) -> float:
    """Of one round."""
    clock = time.thread_time if threads == 1 else time.perf_counter
    begin = clock()
    problem.run(threads)
    return clock() - begin


def by_clock(problem: Round, threads: int) -> float:
    """The clock's seconds of one round."""
    begin = time.perf_counter()
    problem.run(threads)
    return time.perf_counter() - begin


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="gowalla")
    parser.add_argument("--bits", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    train = training_data(arguments.data)
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="implicit")
    report = {"data": arguments.data, "bits": arguments.bits, "users, items": list(train.shape)}
    with threadpool_limits(1):
        als = implicit_iteration(train, arguments.bits, 1)
        for settled in (0, 5):
            problem = Round(train, arguments.bits, settled)
            problem.check(problem.run(1))
            ones, clocks, twos, alss = [], [], [], []
            for _ in range(arguments.repeats):
                ones.append(seconds(problem, 1))
                clocks.append(by_clock(problem, 1))
                twos.append(by_clock(problem, 2))
                alss.append(als())
            twin = min(problem.twin()[0] for _ in range(2))
            report[f"round {settled + 1}"] = {
                "dcd_ms": round(1e3 * min(ones), 1),
                "implicit_iteration_ms": round(1e3 * min(alss), 1),
                "implicit / dcd": round(min(alss) / min(ones), 2),
                "two threads": round(min(clocks) / min(twos), 2),
                "twin / dcd (extrapolated)": round(twin / min(ones)),
            }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
