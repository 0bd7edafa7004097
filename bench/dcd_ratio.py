# SPDX-License-Identifier: Apache-2.0
"""A round of ``dcf`` against an iteration of implicit's ALS, its own twin, and two threads.

    python bench/dcd_ratio.py [--data gowalla] [--bits 64]

A round is both delegates, the user pass and the item pass. All are measured in one run and in
turns. One thread: processor time of the thread (a busy machine would lengthen the clock's), of the
process for implicit; two threads: the clock, which means nothing on a busy machine, and the
processor time of both against that of one. The twin passes over some rows and is extrapolated.
The answer is checked against the twin before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable

from threadpoolctl import threadpool_limits

from dcd_round import Round, implicit_iteration, training_data


def measured(problem: Round, threads: int, clock: Callable[[], float]) -> float:
    """Seconds of one round."""
    begin = clock()
    problem.run(threads)
    return clock() - begin


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
            ones, clocks, twos, both, alss = [], [], [], [], []
            for _ in range(arguments.repeats):
                ones.append(measured(problem, 1, time.thread_time))
                clocks.append(measured(problem, 1, time.perf_counter))
                twos.append(measured(problem, 2, time.perf_counter))
                both.append(measured(problem, 2, time.process_time))
                alss.append(als())
            twin = min(problem.twin()[0] for _ in range(2))
            report[f"round {settled + 1}"] = {
                "dcd_ms": round(1e3 * min(ones), 1),
                "implicit_iteration_ms": round(1e3 * min(alss), 1),
                "implicit / dcd": round(min(alss) / min(ones), 2),
                "two threads, by the clock": round(min(clocks) / min(twos), 2),
                "processor time of two threads / one": round(min(both) / min(ones), 2),
                "twin / dcd (extrapolated)": round(twin / min(ones)),
            }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
