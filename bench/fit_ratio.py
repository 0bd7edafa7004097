# SPDX-License-Identifier: Apache-2.0
"""Time and memory of a whole ``wdcf`` fit (teacher included) against implicit's ALS.

    python bench/fit_ratio.py [--data gowalla] [--threads 2]

implicit runs 64 factors and 15 iterations with as many threads, in the same process; the fit is
given the validation part, so its time includes the choice of the teacher. The answer is asserted:
the codes must reach the recall that implicit's float factors reach on the validation part times
0.9. Peak memory is that of the process right after the fit, before implicit is imported.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import hashrec_fast as hf
from hashrec_fast.types import Evaluable


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="gowalla")
    parser.add_argument("--bits", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    dataset = hf.data.load(arguments.data)
    train, validation, test = hf.data.split(dataset, "random", (0.8, 0.1, 0.1), random_state=0)

    model = hf.create("wdcf", n_bits=arguments.bits, random_state=0, num_threads=arguments.threads)
    start = time.perf_counter()
    model.fit(train, validation=validation, show_progress=False)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    import implicit
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # as implicit itself asks for
        times = []
        for _ in range(3):
            als = implicit.als.AlternatingLeastSquares(
                factors=64, iterations=15, num_threads=arguments.threads, random_state=0
            )
            start = time.perf_counter()
            als.fit(train.user_items, show_progress=False)
            times.append(time.perf_counter() - start)

    def recall(contender: Evaluable) -> float:
        metrics = hf.evaluate(contender, train, validation, metrics=("recall@50",), mask=test)
        return float(metrics["recall@50"])

    codes, factors = recall(model), recall((als.user_factors, als.item_factors))
    assert codes >= 0.9 * factors, (codes, factors)
    print(
        json.dumps(
            {
                "data": arguments.data,
                "bits": arguments.bits,
                "threads": arguments.threads,
                "wdcf_seconds": round(seconds, 2),
                "implicit_seconds": [round(t, 2) for t in times],
                "ratio": round(seconds / min(times), 2),
                "peak_mib": round(peak),
                "validation_recall@50": {"wdcf": round(codes, 4), "implicit": round(factors, 4)},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
