# SPDX-License-Identifier: Apache-2.0
"""Fit and measure one cell (line and width) of a published table, step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import hashrec_fast as hf
from hashrec_fast.cli.info import facts
from hashrec_fast.methods import load_recipe
from hashrec_fast.recipe_parameters import listed_names
from methods_plan import Setting
from paper_cases import Case, baselines, with_zeros
from paper_plan import Row

Cell = dict[str, Any]


def baseline_cells(case: Case) -> dict[str, Cell]:
    """Chance and popularity, as cells of 0 bits."""
    return {
        f"{name}/0": {"runs": [run_of(scores, case)]} for name, scores in baselines(case).items()
    }


def run_of(model: Any, case: Case, **facts_of_fit: float) -> Cell:
    """One fitted model measured on both held-out parts."""
    parts = {part: case.measure(model, part) for part in ("validation", "test")}
    return {**facts_of_fit, **parts}


def fit(
    row: Row, case: Case, n_bits: int, seed: int, setting: Setting, threads: int
) -> tuple[Any, dict[str, float]]:
    """The fitted model, and its processor and wall seconds."""
    method = row.method()
    assert method is not None
    model = hf.create(method, n_bits=n_bits, random_state=seed, num_threads=threads, **setting)
    explicit = hf.describe(method)["feedback"] == "explicit"
    train, validation = (
        case.learned_from(part, explicit=explicit) for part in (case.train, case.validation)
    )
    if row.drawn:
        train, validation = with_zeros(case.train, row.drawn, seed), None
    start = (time.process_time(), time.perf_counter())
    model.fit(train, validation=validation, show_progress=False)
    seconds = (time.process_time() - start[0], time.perf_counter() - start[1])
    return model, {"seed": seed, "processor": seconds[0], "wall": seconds[1]}


def missing(cell: Cell | None, row: Row, n_bits: int, seeds: int) -> bool:
    """Whether fits of a cell are left to do."""
    if cell is None or len(cell["runs"]) < seeds:
        return True
    return len(row.grid) > 1 and bool(untried(row, n_bits, cell))


def renamed(cell: Cell) -> Cell:
    """A cell whose settings have today's names, whatever they were called when it was written."""
    if cell.get("method") is None:
        return cell
    recipe = load_recipe(cell["method"])
    tried = [one | {"setting": listed_names(recipe, one["setting"])} for one in cell["tried"]]
    chosen = {"setting": listed_names(recipe, cell["setting"])} if "setting" in cell else {}
    return cell | {"tried": tried} | chosen


def untried(row: Row, n_bits: int, cell: Cell) -> list[Setting]:
    """Settings of the grid that were not fitted yet; the grid may have grown."""
    known = [one["setting"] for one in renamed(cell)["tried"]]
    return [setting for setting in row.settings(n_bits) if setting not in known]


def steps(
    row: Row, case: Case, n_bits: int, cell: Cell | None, *, seeds: int, threads: int
) -> Iterator[Cell]:
    """Do what a cell lacks; it is given out after every fit, so that a run can be stopped.

    First every setting of the grid is fitted with seed 0 and measured on validation alone; then
    the best one is fitted with every seed and both parts are measured.
    """
    cell = dict(renamed(cell or {"tried": [], "runs": []}))
    cell |= {"method": row.method(), "machine": machine(threads), "choose_by": case.choose_by}
    best = row.settings(n_bits)[0]
    if len(row.grid) > 1:
        for setting in untried(row, n_bits, cell):
            model, _ = fit(row, case, n_bits, 0, setting, threads)
            value = case.measure(model, "validation")[case.choose_by]
            cell["tried"] = [*cell["tried"], {"setting": setting, "validation": value}]
            yield cell
        best = max(cell["tried"], key=lambda one: float(one["validation"]))["setting"]
    if cell.get("setting", best) != best:
        cell["runs"] = []
    cell["setting"] = best
    for seed in range(len(cell["runs"]), seeds):
        model, spent = fit(row, case, n_bits, seed, best, threads)
        cell["runs"] = [*cell["runs"], run_of(model, case, **spent)]
        yield cell


def machine(threads: int) -> str:
    """Processor, SIMD level, threads and versions."""
    found = facts()
    packages = found["packages"]
    return (
        f"{found['cpu']}, {threads} thread{'s' if threads > 1 else ''}, "
        f"SIMD level {found['simd_level']}, hashrec_fast {found['hashrec_fast']}, "
        f"numpy {packages['numpy']}, torch {packages['torch']}"
    )
