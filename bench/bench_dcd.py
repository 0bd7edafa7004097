# SPDX-License-Identifier: Apache-2.0
"""A round of discrete coordinate descent: this package at every level, its twin, implicit's ALS.

Not part of the report on search; ``python bench/dcd_ratio.py`` prints the ratios.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

import hashrec_fast as hf
from dcd_round import Round, implicit_iteration, training_data
from hashrec_fast.kernels.rows import RowPass
from hashrec_fast.solvers.entries import both_orders
from hashrec_fast.solvers.row_forms import Form, rows_pass
from hashrec_fast.solvers.state import SignState


@dataclass(frozen=True)
class RoundCase:
    """One round; ``threads`` is read by the fixture that limits libraries."""

    settled: int
    n_bits: int = 64
    threads: int = 1


@dataclass(frozen=True)
class FormCase:
    """Weighted rows of one length."""

    length: int
    n_bits: int
    threads: int = 1


ROUNDS = [RoundCase(0), RoundCase(5), RoundCase(0, n_bits=128), RoundCase(0, threads=2)]
FORMS = [FormCase(n, f) for f in (16, 64, 256) for n in (4, 16, 64, 256)]


def _name(case: object) -> str:
    return "-".join(str(value) for value in vars(case).values())


rounds = pytest.mark.parametrize("case", ROUNDS, ids=_name)


@lru_cache(maxsize=2)
def round_of(settled: int, n_bits: int, quick: bool) -> Round:
    """On gowalla where it is, else on generated data."""
    folder = os.environ.get("HASHREC_DATA")
    real = not quick and folder is not None and (Path(folder) / "gowalla").is_dir()
    return Round(training_data("gowalla" if real else "generated"), n_bits, settled)


@pytest.fixture
def problem(case: RoundCase, pytestconfig: pytest.Config) -> Round:
    return round_of(case.settled, case.n_bits, bool(pytestconfig.getoption("--quick")))


def timed(benchmark: Any, case: object, call: Callable[[], Any], n: int) -> None:
    benchmark.group = f"dcd {type(case).__name__} {vars(case)}"
    benchmark.pedantic(call, rounds=n, warmup_rounds=1)


@rounds
@pytest.mark.parametrize("level", hf.available_simd_levels(), indirect=True)
def test_round(benchmark: Any, case: RoundCase, problem: Round, level: str) -> None:
    del level
    problem.check(problem.run(case.threads))
    timed(benchmark, case, lambda: problem.run(case.threads), 5)


@rounds
def test_twin(benchmark: Any, case: RoundCase, problem: Round) -> None:
    """The time that the table shows is that of some rows only; the remark has it for all."""
    seconds, _, rows = problem.twin()
    share = sum(len(r) for r in rows) / sum(problem.train.shape)
    benchmark.extra_info["remark"] = f"{share:.2%} of the rows; all would take {seconds:.2f} s"
    timed(benchmark, case, problem.twin, 1)


@rounds
@pytest.mark.filterwarnings("ignore:OpenBLAS")
def test_implicit_als(benchmark: Any, case: RoundCase, problem: Round) -> None:
    """The table shows two fits, of six iterations and of one; the remark has an iteration."""
    pytest.importorskip("implicit")
    iteration = implicit_iteration(problem.train, case.n_bits, case.threads)
    seconds = iteration()
    assert seconds > 0
    benchmark.extra_info["remark"] = f"an iteration takes {1e3 * seconds:.1f} ms"
    timed(benchmark, case, iteration, 1)


@lru_cache(maxsize=1)
def weighted_rows(
    length: int, n_bits: int
) -> tuple[SignState, SignState, RowPass, NDArray[np.int16]]:
    """Rows with targets near what planted codes would score."""
    rng = np.random.default_rng(0)
    n_rows, n_other = max(16, min(2000, 2_000_000 // (length * n_bits))), 5000
    indices = np.sort(rng.integers(0, n_other, (n_rows, length)), axis=1).ravel()
    indptr = np.arange(n_rows + 1) * length
    pattern = sp.csr_matrix((np.ones(len(indices)), indices, indptr), shape=(n_rows, n_other))
    planted, own = (SignState.random(n_rows, n_bits, rng) for _ in range(2))
    other = SignState.random(n_other, n_bits, rng)
    left = np.repeat(planted.values.astype(np.int64), length, axis=0)
    scores = (left * other.values[indices]).sum(axis=1) / 256**2
    weights = rng.integers(1, 64, len(indices)) / 32
    entries, _ = both_orders(pattern, weights, weights * np.clip(2 * scores, -n_bits, n_bits))
    expected = SignState(own.values.copy(), n_bits)
    step = RowPass(entries=entries, num_threads=1)
    rows_pass(expected, other, step, form="gram")
    return own, other, step, expected.values


@pytest.mark.parametrize("case", FORMS, ids=_name)
@pytest.mark.parametrize("form", ["gram", "residual", "auto"])
def test_form(benchmark: Any, case: FormCase, form: Form) -> None:
    """What the constants of ``row_forms`` were fitted to."""
    own, other, step, expected = weighted_rows(case.length, case.n_bits)

    def call() -> SignState:
        state = SignState(own.values.copy(), case.n_bits)
        rows_pass(state, other, step, form=form)
        return state

    np.testing.assert_array_equal(call().values, expected)
    timed(benchmark, case, call, 5)
