# SPDX-License-Identifier: Apache-2.0
"""Quality of ``wdcf`` on real data against its float teacher and float iALS of 64 dimensions.

    python bench/quality_table.py [--data gowalla ...] [--bits 32 64 128 256] [--out FILE]

Protocol: pairs shuffled by ``numpy.random.default_rng(0).permutation`` over the sorted keys
``user * n_items + item``, 80/10/10; ml-1m keeps ratings above 3. Every choice is made on the
validation part, which is ranked among all items but the user's training and test items; the test
part is ranked among all items but the training and validation items. Means over users with
held-out items, expectation over random order of ties, defaults for every data set and width.
Float iALS is the best of three settings on validation.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

import hashrec_fast as hf
from hashrec_fast.cli.info import facts
from hashrec_fast.contracts import FitContext
from hashrec_fast.solvers.implicit_als import choose_teacher

DATA = (
    "gowalla",
    "pinterest-37k",
    "amazon-cds",
    "yelp2018-first13455users",
    "amazon-book-kgat",
    "ml-1m",
)
METRICS = ("recall@50", "ndcg@50")
FLOAT_SETTINGS = ((10.0, 30.0), (20.0, 60.0), (40.0, 100.0))


def load(name: str) -> Any:
    """A data set as the protocol wants it."""
    dataset = hf.data.load(name)
    if name != "ml-1m":
        return dataset
    assert dataset.ratings is not None
    return dataset.select(dataset.ratings.data > 3)


def measure(model: Any, parts: tuple[Any, Any, Any], threads: int) -> dict[str, float]:
    """Validation and test metrics of a fitted model or a pair of factors."""
    train, validation, test = parts
    row: dict[str, float] = {}
    for name, held_out, mask in (("val", validation, test), ("test", test, validation)):
        result = hf.evaluate(
            model, train, held_out, metrics=METRICS, mask=mask, num_threads=threads
        )
        row |= {f"{name} {metric}": float(result[metric]) for metric in METRICS}
    return row


def float_rows(name: str, parts: tuple[Any, Any, Any], threads: int) -> list[dict[str, Any]]:
    """The 64-dimensional iALS (best of three on validation) and the teacher."""
    train, validation, test = parts
    best: dict[str, Any] | None = None
    for alpha, reg in FLOAT_SETTINGS:
        model = hf.create(
            "ials",
            n_bits=64,
            random_state=0,
            num_threads=threads,
            alpha=alpha,
            reg=reg,
        )
        start = time.perf_counter()
        model.fit(train)
        seconds = time.perf_counter() - start
        recall = hf.evaluate(
            model, train, validation, metrics=METRICS[:1], mask=test, num_threads=threads
        )
        if best is None or recall[METRICS[0]] > best["recall"]:
            best = {"recall": recall[METRICS[0]], "model": model, "seconds": seconds}
            best["label"] = f"iALS 64-d float (alpha {alpha:g}, reg {reg:g})"
    assert best is not None
    rows = [
        {
            "data": name,
            "method": best["label"],
            "bytes": 256,
            "seconds": best["seconds"],
            **measure(best["model"], parts, threads),
        }
    ]
    recipe = hf.create("wdcf").recipe
    context = FitContext(64, np.random.default_rng(0), threads, validation.user_items)
    start = time.perf_counter()
    teacher, record = choose_teacher(recipe.teacher, train.user_items, context)
    seconds = time.perf_counter() - start
    chosen = recipe.teacher.candidates[record["teacher"]]
    rows.append(
        {
            "data": name,
            "method": f"teacher, {chosen.n_factors}-d float",
            "bytes": 4 * teacher.n_factors,
            "seconds": seconds,
            **measure((teacher.user_factors, teacher.item_factors), parts, threads),
        }
    )
    return rows


def code_row(name: str, parts: tuple[Any, Any, Any], bits: int, threads: int) -> dict[str, Any]:
    """``wdcf`` with defaults; seconds include the teacher and its choice."""
    train, validation, _ = parts
    model = hf.create("wdcf", n_bits=bits, random_state=0, num_threads=threads)
    start = time.perf_counter()
    model.fit(train, validation=validation, show_progress=False)
    seconds = time.perf_counter() - start
    row = {"data": name, "method": f"wdcf {bits} bits", "bytes": bits // 8, "seconds": seconds}
    return {**row, **measure(model, parts, threads)}


def markdown(rows: list[dict[str, Any]], threads: int, note: str) -> str:
    """The page written to docs."""
    machine = facts()
    assert __doc__ is not None
    protocol = __doc__.split("Protocol: ")[1].strip()
    protocol = protocol[0].upper() + protocol[1:]
    lines = [
        "# Quality on real data",
        "",
        f"Made by `python bench/quality_table.py` on {datetime.date.today()}: {machine['cpu']}, "
        f"{threads} threads, SIMD level {machine['simd_level']}, hashrec_fast "
        f"{machine['hashrec_fast']}, numpy {machine['packages']['numpy']}.",
        "",
        protocol,
        "",
        *([note, ""] if note else []),
        "| data | method | bytes per row | val R@50 | val N@50 | test R@50 | test N@50 | fit s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        values = [row[f"{part} {metric}"] for part in ("val", "test") for metric in METRICS]
        cells = " | ".join(f"{value:.4f}" for value in values)
        lines.append(
            f"| {row['data']} | {row['method']} | {row['bytes']} | {cells} | {row['seconds']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is missing; finished rows are kept in a JSON file, so a long run can be resumed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=list(DATA), choices=DATA)
    parser.add_argument("--bits", nargs="+", type=int, default=[32, 64, 128, 256])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("docs/quality.md"))
    parser.add_argument("--rows", type=Path, default=Path("bench/results/quality.json"))
    parser.add_argument("--note", default="", help="a sentence about this run for the page")
    arguments = parser.parse_args()
    arguments.rows.parent.mkdir(parents=True, exist_ok=True)
    done: dict[str, list[dict[str, Any]]] = {}
    if arguments.rows.is_file():
        done = json.loads(arguments.rows.read_text(encoding="utf-8"))
    for name in arguments.data:
        jobs = {f"{name}/{bits}": bits for bits in arguments.bits}
        if all(key in done for key in (f"{name}/float", *jobs)):
            continue
        parts = hf.data.split(load(name), "random", (0.8, 0.1, 0.1), random_state=0)
        if f"{name}/float" not in done:
            done[f"{name}/float"] = float_rows(name, parts, arguments.threads)
        for key, bits in jobs.items():
            if key not in done:
                done[key] = [code_row(name, parts, bits, arguments.threads)]
                print(json.dumps(done[key][0]), flush=True)
            arguments.rows.write_text(json.dumps(done, indent=1), encoding="utf-8")
    page = markdown(in_order(done), arguments.threads, arguments.note)
    arguments.out.write_text(page, encoding="utf-8")


def in_order(done: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """All rows by data set, float models first, then codes by length."""

    def place(key: str) -> tuple[int, int]:
        name, what = key.split("/")
        return DATA.index(name), 0 if what == "float" else int(what)

    return [row for key in sorted(done, key=place) for row in done[key]]


if __name__ == "__main__":
    main()
