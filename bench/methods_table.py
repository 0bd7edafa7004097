# SPDX-License-Identifier: Apache-2.0
"""Every discrete method on data of its own task, against ``wdcf`` and float iALS.

    python bench/methods_table.py [--tasks explicit ...] [--methods dcf ...] [--bits 32 64]

Finished cells are kept in a JSON file, so that a run can be stopped and resumed; the page
docs/methods.md is written again after every data set.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import hashrec_fast as hf
from methods_page import page
from methods_plan import REFERENCES, TASKS, Task
from methods_run import baselines, cell, choose

Done = dict[str, dict[str, Any]]


def run_case(task: Task, data: str, arguments: argparse.Namespace, done: Done) -> None:
    """Fill in what is missing for one data set."""
    methods = [m for m in (*task.extends, *REFERENCES) if m in hf.available_methods()]
    if arguments.methods:
        methods = [m for m in methods if m in arguments.methods]
    prefix = f"{task.name}/{data}"
    cells = [f"{prefix}/{m}/{bits}" for m in methods for bits in arguments.bits]
    if all(key in done for key in cells):
        return
    case = task.cases[data]()
    for key, row in baselines(case, arguments.bits, arguments.seeds).items():
        if f"{prefix}/{key}" not in done:
            keep(arguments.rows, f"{prefix}/{key}", {**row, "metrics": list(case.metrics)}, done)
    for method in methods:
        if all(f"{prefix}/{method}/{bits}" in done for bits in arguments.bits):
            continue
        setting = choose(method, case, arguments.bits[0])
        for bits in arguments.bits:
            key = f"{prefix}/{method}/{bits}"
            if key not in done:
                row = cell(method, case, bits, arguments.seeds, setting)
                keep(arguments.rows, key, {**row, "metrics": list(case.metrics)}, done)
                print(key, json.dumps(done[key]["runs"][0]), flush=True)


def keep(path: Path, key: str, row: dict[str, Any], done: Done) -> None:
    """Add one cell to the file, which another process may have filled meanwhile."""
    if path.is_file():
        done |= json.loads(path.read_text(encoding="utf-8"))
    done[key] = row
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(done, indent=1), encoding="utf-8")
    partial.replace(path)


def main() -> None:
    """Run what is missing and write the page."""
    names = [task.name for task in TASKS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="+", default=names, choices=names)
    parser.add_argument("--data", nargs="+", help="only these data sets")
    parser.add_argument("--methods", nargs="+", help="only these methods")
    parser.add_argument("--bits", nargs="+", type=int, default=[32, 64])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("docs/methods.md"))
    parser.add_argument("--rows", type=Path, default=Path("bench/results/methods.json"))
    parser.add_argument("--note", default="", help="a sentence about this run for the page")
    parser.add_argument("--page-only", action="store_true", help="only write the page again")
    arguments = parser.parse_args()
    done: Done = {}
    if arguments.rows.is_file():
        done = json.loads(arguments.rows.read_text(encoding="utf-8"))
    for task in TASKS:
        for data in task.cases:
            chosen = task.name in arguments.tasks and data in (arguments.data or task.cases)
            if chosen and not arguments.page_only:
                run_case(task, data, arguments, done)
                arguments.out.write_text(page(done, arguments.note), encoding="utf-8")
    arguments.out.write_text(page(done, arguments.note), encoding="utf-8")


if __name__ == "__main__":
    main()
