# SPDX-License-Identifier: Apache-2.0
"""Published tables made again, the printed numbers beside ours.

    python bench/paper_tables.py --table srloss|ccsr|hcfrec [--methods hcfrec ...] [--bits 16 64]

After every fit the results file is written again, so that a run can be stopped and resumed, and
several runs may fill one file. Methods that are not in the package are skipped and said so.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from methods_table import keep
from paper_page import page
from paper_plan import TABLES, Table
from paper_run import baseline_cells, missing, steps

Done = dict[str, dict[str, Any]]


def run_case(table: Table, data: str, arguments: argparse.Namespace, done: Done) -> None:
    """Fill in what is missing for one data set."""
    rows = [r for r in table.rows if not arguments.methods or r.name in arguments.methods]
    absent = [row.name for row in rows if row.method() is None]
    if absent:
        print(f"{data}: skipped, not in this package: {', '.join(absent)}", flush=True)
    wanted = [
        (row, bits, f"{data}/{row.name}/{bits}")
        for row in rows
        for bits in arguments.bits or table.bits
        if row.method() is not None
    ]
    to_do = [(r, b, key) for r, b, key in wanted if missing(done.get(key), r, b, arguments.seeds)]
    if not to_do and f"{data}/chance/0" in done:
        return
    case = table.cases[data]()
    for name, cell in baseline_cells(case).items():
        keep(arguments.rows, f"{data}/{name}", cell, done)
    for row, bits, key in to_do:
        options = {"seeds": arguments.seeds, "threads": arguments.threads}
        for cell in steps(row, case, bits, done.get(key), **options):
            keep(arguments.rows, key, cell, done)
            print(key, json.dumps((cell["runs"] or cell["tried"])[-1]), flush=True)


def main() -> None:
    """Run what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, choices=list(TABLES))
    parser.add_argument("--data", nargs="+", help="only these data sets")
    parser.add_argument("--methods", nargs="+", help="only these rows")
    parser.add_argument("--bits", nargs="+", type=int, help="the paper's widths by default")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, help="docs/tables_TABLE.md by default")
    parser.add_argument("--rows", type=Path, help="bench/results/tables_TABLE.json by default")
    parser.add_argument("--note", default="", help="a sentence about this run for the page")
    parser.add_argument("--page-only", action="store_true", help="only write the page again")
    arguments = parser.parse_args()
    table = TABLES[arguments.table]
    unknown = set(arguments.methods or ()) - {row.name for row in table.rows}
    if unknown:
        parser.error(f"no such rows in {table.name}: {', '.join(sorted(unknown))}")
    arguments.rows = arguments.rows or Path(f"bench/results/tables_{table.name}.json")
    out = arguments.out or Path(f"docs/tables_{table.name}.md")
    done: Done = {}
    if arguments.rows.is_file():
        done = json.loads(arguments.rows.read_text(encoding="utf-8"))
    for data in table.cases:
        if not arguments.page_only and data in (arguments.data or table.cases):
            run_case(table, data, arguments, done)
            out.write_text(page(table, done, arguments.note), encoding="utf-8")
    out.write_text(page(table, done, arguments.note), encoding="utf-8")


if __name__ == "__main__":
    main()
