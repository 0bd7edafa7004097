# SPDX-License-Identifier: Apache-2.0
"""Fit and measure the cells of the methods table."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import hashrec_fast as hf
from hashrec_fast.solvers.linear_terms.ridge import RidgeMap
from hashrec_fast.training import Gradient
from methods_cases import Case, Metrics
from methods_plan import Setting, grid_of

Row = dict[str, Any]


def baselines(case: Case, bits: list[int], seeds: int) -> dict[str, Row]:
    """Popularity and random codes, as the rows of methods."""
    counts = np.bincount(case.train.user_items.indices, minlength=case.train.n_items)
    found: dict[str, Row] = {}
    found["popularity/0"] = row_of({}, [(0.0, case, counts.astype(np.float64))])
    for n_bits in bits:
        models = []
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            shape = case.train.user_items.shape
            models.append(
                (0.0, case, tuple(hf.pack(rng.standard_normal((n, n_bits))) for n in shape))
            )
        found[f"random codes/{n_bits}"] = row_of({}, models)
    return found


def row_of(setting: Setting, models: list[tuple[float, Case, Any]]) -> Row:
    """Metrics of fits with different seeds."""
    runs = [
        {
            "seconds": seconds,
            "validation": case.measure(model, "validation"),
            "test": case.measure(model, "test"),
        }
        for seconds, case, model in models
    ]
    return {"setting": setting, "runs": runs}


def fit(name: str, case: Case, n_bits: int, seed: int, setting: Setting) -> tuple[float, Any]:
    """Processor seconds with one thread and the fitted model, or a pair of codes or factors."""
    model = hf.create(name, n_bits=n_bits, random_state=seed, num_threads=1, **setting)
    explicit = hf.describe(name)["feedback"] == "explicit"
    uses = hf.describe(name)["side_info"]["uses"]
    side = {key: value for key, value in case.side_info.items() if key in uses}
    start = time.process_time()
    data = case.train if explicit and case.task != "implicit" else case.positives
    watched = None
    if case.watched is not None and isinstance(model.recipe.strategy.solver, Gradient):
        watched = case.watched[0 if data is case.train else 1]
    model.fit(data, validation=watched, side_info=side or None, show_progress=False)
    seconds = time.process_time() - start
    if case.task.startswith("cold") or case.task == "outfit":
        recipe = model.recipe
        solver: Any = recipe.strategy.solver
        terms = recipe.terms()
        if not (hasattr(solver, "feature_sides") and solver.feature_sides(terms)):
            return with_content(model, case, seconds)
    return seconds, model


def with_content(model: Any, case: Case, seconds: float) -> tuple[float, Any]:
    """Rows without interactions by ridge regression on features, for methods without features.

    The rows met in training train the regression; its strength is fixed at one per feature.
    """
    start = time.process_time()
    rows = []
    for side in ("user", "item"):
        own = getattr(model.fitted_, side)
        views = case.side_info.get(f"{side}_features")
        if views is None:
            rows.append(own)
            continue
        binary = own.dtype == np.uint64
        known = hf.unpack(own, model.n_bits).astype(np.float64) if binary else own.astype(float)
        counts = case.positives.getnnz(axis=0 if side == "item" else 1)
        features = stacked(views)
        ridge = RidgeMap(features[counts > 0], known.shape[1], 1.0, 1.0)
        ridge.solve(known[counts > 0])
        guess = np.where((counts > 0)[:, None], known, features @ ridge.coefficients)
        rows.append(hf.pack(guess) if binary else guess.astype(np.float32))
    return seconds + time.process_time() - start, tuple(rows)


def stacked(views: Any) -> Any:
    """Views side by side."""
    import scipy.sparse as sp

    return sp.csr_matrix(sp.hstack(views)) if isinstance(views, list) else sp.csr_matrix(views)


def choose(name: str, case: Case, n_bits: int) -> Setting:
    """The setting of the grid that is best on validation, by the first metric with seed 0."""
    grid = grid_of(name, case.data)
    if len(grid) == 1:
        return grid[0]
    reached: list[float] = []
    for setting in grid:
        measured: Metrics = case.measure(fit(name, case, n_bits, 0, setting)[1], "validation")
        reached.append(measured[case.metrics[0]])
    return grid[int(np.argmax(reached))]


def cell(name: str, case: Case, n_bits: int, seeds: int, setting: Setting) -> Row:
    """One method, one width: all seeds."""
    models = []
    for seed in range(seeds):
        seconds, model = fit(name, case, n_bits, seed, setting)
        models.append((seconds, case, model))
    return row_of(setting, models)
