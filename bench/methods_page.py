# SPDX-License-Identifier: Apache-2.0
"""docs/methods.md from the cells of the methods table."""

from __future__ import annotations

import datetime
import statistics
from typing import Any

import hashrec_fast as hf
from hashrec_fast.cli.info import facts
from methods_plan import GRIDS, REFERENCES, TASKS, Task

PROTOCOL = """\
Pairs are split 80/10/10 at random with seed 0 (cold items, cold users: whole items or users;
outfits: the publisher's test outfits, a tenth of the others for validation). Rated NDCG@10 ranks
the rated held-out items of a user among one another, gain 2^r - 1; other metrics rank all items
but those of the training part and of the other held-out part. Ties count by their expectation.
Settings are chosen on the validation part with seed 0 at the first width from the grids below;
methods without a grid run with their defaults. Then every width is fitted with seeds 0, 1, 2 and
the test part is measured: mean and standard deviation. Methods of implicit feedback, `wdcf` and
`ials` among them, learn from the ratings of at least 4 (filmtrust 3) where there are ratings.
Methods that follow gradients are given the validation part to stop early.
Methods without features, in the tables of cold rows, get their cold rows by ridge regression of
their codes (or factors) on the features. `ials` has as many float factors as there are bits. Fit
seconds are processor time with one thread.
"""


def page(done: dict[str, dict[str, Any]], note: str) -> str:
    """The whole page."""
    machine = facts()
    lines = [
        "# Methods measured",
        "",
        f"Made by `python bench/methods_table.py` on {datetime.date.today()}: {machine['cpu']}, "
        f"SIMD level {machine['simd_level']}, hashrec_fast "
        f"{machine['hashrec_fast']}, numpy {machine['packages']['numpy']}, "
        f"torch {machine['packages'].get('torch', 'not installed')}.",
        "",
        PROTOCOL,
        *([note, ""] if note else []),
    ]
    for task in TASKS:
        lines += [f"## {task.name.capitalize()}", "", task.text, ""]
        for data in task.cases:
            lines += table(task, data, done)
    lines += ["## Grids", "", "| method | settings tried |", "|---|---|"]
    for name in sorted(GRIDS):
        tried = "; ".join(in_words(setting) for setting in GRIDS[name])
        lines.append(f"| {name} | {tried} |")
    return "\n".join(lines) + "\n"


def table(task: Task, data: str, done: dict[str, dict[str, Any]]) -> list[str]:
    """One data set: a row per method and width."""
    prefix = f"{task.name}/{data}/"
    cells = {key.removeprefix(prefix): row for key, row in done.items() if key.startswith(prefix)}
    if not cells:
        return [f"### {data}", "", "Not run yet.", ""]
    metrics = next(iter(cells.values()))["metrics"]
    head = ["method", "bits", *(f"{part} {m}" for m in metrics for part in ("val", "test"))]
    lines = [f"### {data}", "", "| " + " | ".join([*head, "fit s", "setting", "remark"]) + " |"]
    lines.append("|" + "---|" * (len(head) + 3))
    order = ["popularity", "random codes", *task.extends, *REFERENCES]
    for name in order:
        widths = sorted(int(k.split("/")[1]) for k in cells if k.split("/")[0] == name)
        lines += [line(task, name, bits, cells, metrics) for bits in widths]
    missing = [m for m in task.extends if m not in {k.split("/")[0] for k in cells}]
    if missing:
        lines += ["", f"Not run: {', '.join(missing)}."]
    return [*lines, ""]


def line(
    task: Task, name: str, bits: int, cells: dict[str, dict[str, Any]], metrics: list[str]
) -> str:
    """One row of a table."""
    row = cells[f"{name}/{bits}"]
    values = []
    for metric in metrics:
        values.append(f"{mean(row, 'validation', metric):.4f}")
        values.append(f"{mean(row, 'test', metric):.4f} ± {spread(row, metric):.4f}")
    seconds = statistics.fmean(run["seconds"] for run in row["runs"])
    label = f"{name} (float)" if name == "ials" else name
    if name in hf.available_methods():
        label = label.replace(name, hf.describe(name)["label"], 1)
    shown = [label, str(bits) if bits else "-", *values, f"{seconds:.1f}", in_words(row["setting"])]
    return "| " + " | ".join([*shown, remark(task, name, bits, cells, metrics[0])]) + " |"


def remark(task: Task, name: str, bits: int, cells: dict[str, dict[str, Any]], metric: str) -> str:
    """Whether the method beats the simpler one it extends, on the test part."""
    simpler = task.extends.get(name)
    base = cells.get(f"{simpler}/{bits}") or cells.get(f"{simpler}/0")
    if simpler is None or base is None:
        return ""
    gain = mean(cells[f"{name}/{bits}"], "test", metric) - mean(base, "test", metric)
    noise = max(spread(cells[f"{name}/{bits}"], metric), spread(base, metric))
    if gain > noise:
        return f"+{gain:.4f} over {simpler}"
    return f"does not beat {simpler} ({gain:+.4f})"


def mean(row: dict[str, Any], part: str, metric: str) -> float:
    """Over the seeds."""
    return statistics.fmean(run[part][metric] for run in row["runs"])


def spread(row: dict[str, Any], metric: str) -> float:
    """Standard deviation over the seeds."""
    values = [run["test"][metric] for run in row["runs"]]
    return statistics.stdev(values) if len(values) > 1 else 0.0


def in_words(setting: dict[str, Any]) -> str:
    """Parameters by the last part of their names."""

    def word(value: Any) -> str:
        plain = isinstance(value, bool) or not isinstance(value, int | float)
        return str(value) if plain else format(value, "g")

    return ", ".join(f"{key.split('__')[-1]} {word(value)}" for key, value in setting.items())
