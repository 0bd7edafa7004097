# SPDX-License-Identifier: Apache-2.0
"""The page of a published table: ours and the printed numbers side by side."""

from __future__ import annotations

import datetime
import statistics
from typing import Any

import hashrec_fast as hf
from methods_page import in_words
from paper_plan import Row, Table, printed_line

Cell = dict[str, Any]

COMMON = """\
In every column stands our value, then the published one in brackets. Ours are means over seeds of
the fit and their standard deviations; the split is one, with seed 0. The validation part is given
to the fit, for methods that stop early or choose something inside; settings are chosen on it too
(grids below, seed 0, for every width), and the test part is measured once, for the setting chosen.
The fit learns from the training part alone. Ties of distances count by their expectation over
random orders, and the metrics of codes are those of the binary codes by Hamming distance, with no
second stage. "Chance" is a random order of the candidates, exactly (all scores equal), and
"popularity" the number of training interactions. Seconds are means of one fit; wall seconds are
upper bounds, since other work ran on the machine.
"""


def page(table: Table, done: dict[str, Cell], note: str) -> str:
    """The whole page."""
    machines = sorted({cell["machine"] for cell in done.values() if "machine" in cell})
    lines = [
        f"# {table.title}",
        "",
        f"Made by `python bench/paper_tables.py --table {table.name}` on {datetime.date.today()}.",
        "",
        *(f"Machine: {machine}." for machine in machines),
        *([""] if machines else []),
        table.text,
        COMMON,
        *([note, ""] if note else []),
    ]
    for data in table.cases:
        prefix = f"{data}/"
        cells = {k.removeprefix(prefix): v for k, v in done.items() if k.startswith(prefix)}
        lines += section(table, data, cells)
    return "\n".join([*lines, *settings(table, done)]) + "\n"


def section(table: Table, data: str, cells: dict[str, Cell]) -> list[str]:
    """One data set."""
    chosen_by = next((c["choose_by"] for c in cells.values() if "choose_by" in c), None)
    head = ["method", "bits"]
    if chosen_by:
        head.append(f"val {table.headings.get(chosen_by, chosen_by)}")
    head += [table.headings.get(label, label) for label in table.columns]
    head += ["above published", "seeds", "processor s", "wall s", "setting"]
    lines = [f"## {data}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [
        line(table, name, "-", cells[f"{name}/0"], {}, chosen_by)
        for name in ("chance", "popularity")
        if f"{name}/0" in cells
    ]
    absent = []
    for row in table.rows:
        for bits in table.bits:
            cell = cells.get(f"{row.name}/{bits}", {})
            if not cell.get("runs"):
                absent.append(f"{row.name} {bits}")
            title = title_of(row, cell)
            values = printed_line(table.name, data, row.printed, bits)
            lines.append(line(table, title, str(bits), cell, values, chosen_by))
    if absent:
        lines += ["", f"Not run: {', '.join(absent)}."]
    return [*lines, ""]


def title_of(row: Row, cell: Cell) -> str:
    """Our label with the name in the published table."""
    method = cell.get("method") or row.method()
    known = method in hf.available_methods()
    title = str(hf.describe(method)["label"]) if method is not None and known else row.name
    title += " (float)" if row.kind == "float" else ""
    title += f", {row.drawn} drawn zeros per rating" if row.drawn else ""
    return f"{title} [{row.printed}]" if row.printed else title


def line(
    table: Table,
    title: str,
    bits: str,
    cell: Cell,
    printed: dict[str, str],
    chosen_by: str | None,
) -> str:
    """One line; the published value is shown even where ours is missing."""
    runs = cell.get("runs", [])
    shown = [title, bits]
    if chosen_by:
        shown.append(mean_of(runs, "validation", chosen_by))
    above = []
    for label, name in table.columns.items():
        ours = mean_of(runs, "test", label, spread=len(runs) > 1)
        theirs = printed.get(name or "")
        if theirs is not None and runs:
            above.append(statistics.fmean(r["test"][label] for r in runs) > float(theirs))
        shown.append(ours if theirs is None else f"{ours} ({theirs})")
    timed = bool(runs) and "wall" in runs[0]
    shown += [f"{sum(above)} of {len(above)}" if above else "", str(len(runs)) if timed else ""]
    for clock in ("processor", "wall"):
        shown.append(f"{statistics.fmean(run[clock] for run in runs):.1f}" if timed else "")
    setting = cell.get("setting")
    shown.append((in_words(setting) or "defaults") if timed and setting is not None else "")
    return "| " + " | ".join(shown) + " |"


def mean_of(runs: list[Cell], part: str, label: str, *, spread: bool = False) -> str:
    """Mean over the seeds, with the standard deviation if wanted."""
    if not runs:
        return "not run"
    values = [run[part][label] for run in runs]
    text = f"{statistics.fmean(values):.4f}"
    return f"{text} ± {statistics.stdev(values):.4f}" if spread else text


def settings(table: Table, done: dict[str, Cell]) -> list[str]:
    """What was tried on validation, with the values reached."""
    tried = {key: cell["tried"] for key, cell in done.items() if cell.get("tried")}
    if not tried:
        return ["## Settings", "", "No grid was searched: settings are those of the lines."]
    lines = [
        "## Settings tried",
        "",
        "Validation value reached with seed 0; lines that are not here were not tried.",
        "",
        "| data, method, bits | setting: value |",
        "|---|---|",
    ]
    order = [f"{d}/{r.name}/{b}" for d in table.cases for r in table.rows for b in table.bits]
    for key in (key for key in order if key in tried):
        words = "; ".join(
            f"{in_words(one['setting']) or 'defaults'}: {one['validation']:.4f}"
            for one in tried[key]
        )
        lines.append(f"| {key.replace('/', ', ')} | {words} |")
    return lines
