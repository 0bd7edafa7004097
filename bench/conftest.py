# SPDX-License-Identifier: Apache-2.0
"""Which cases run in which order, one number of threads for every library, machine facts.

Order: case by case; within a case every member runs once in each pass, so that a noisy minute hits
all members and the report can take the best pass of each.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

import hashrec_fast as hf
import machine
from cases import Case, cases_of, groups
from contest import Member, run


def _optional(name: str) -> Any:
    """A library, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


# Loaded before limits are set, which reach only the libraries that are there.
torch = _optional("torch")
faiss = _optional("faiss")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--threads", type=int, default=1, help="threads of every library (1)")
    parser.addoption("--quick", action="store_true", help="much smaller cases, one pass")
    parser.addoption("--passes", type=int, default=0, help="times each member runs (2; quick: 1)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "family(name, excluded=False): the cases a benchmark runs")


def _facts(config: pytest.Config) -> dict[str, Any]:
    quick = config.getoption("--quick")
    passes = config.getoption("--passes") or (1 if quick else 2)
    return machine.facts(config.getoption("--threads"), quick, passes)


def pytest_report_header(config: pytest.Config) -> str:
    return machine.in_words(_facts(config))


def pytest_benchmark_update_machine_info(
    config: pytest.Config, machine_info: dict[str, Any]
) -> None:
    machine_info["hashrec"] = _facts(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("family")
    if marker is None:
        return
    facts = _facts(metafunc.config)
    found = cases_of(marker.args[0], groups(facts["threads"], facts["quick"]))
    wanted = marker.kwargs.get("excluded", False)
    found = [case for case in found if (case.exclude != "none") == wanted]
    metafunc.parametrize("case", found, ids=_name)
    metafunc.parametrize("pass_number", range(facts["passes"]), ids=lambda p: f"pass{p}")


def _name(case: Case) -> str:
    values = asdict(case) | {"one_by_one": "one" if case.one_by_one else "all"}
    return "-".join(str(value) for value in values.values()).replace(" ", "_")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    facts = _facts(config)
    in_order = [c for g in groups(facts["threads"], facts["quick"]) for c in g.cases]
    place = {case: i for i, case in reversed(list(enumerate(in_order)))}

    def key(item: pytest.Item) -> tuple[int, int]:
        callspec = getattr(item, "callspec", None)
        if callspec is None:
            return -1, 0
        case = callspec.params.get("case")  # benchmarks that are not of search come last
        return place.get(case, len(place)), callspec.params.get("pass_number", 0)

    items.sort(key=key)


@pytest.fixture(autouse=True)
def limits(case: Case) -> Iterator[None]:
    """As many threads for every library as the case says."""
    available = machine.usable_cores()
    if case.threads > available:
        pytest.skip(f"{case.threads} threads wanted, {available} cores usable")
    if torch is not None:
        torch.set_num_threads(case.threads)
    if faiss is not None:
        faiss.omp_set_num_threads(case.threads)
    with threadpool_limits(limits=case.threads):
        yield


@pytest.fixture
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    """The SIMD level named by the parameter, for this test."""
    before = hf.simd_level()
    hf.set_simd_level(request.param)
    yield request.param
    hf.set_simd_level(before)


@pytest.fixture
def contest(
    benchmark: Any, case: Case, pass_number: int, pytestconfig: pytest.Config
) -> Callable[[Member], None]:
    """Check and time a member of the case."""
    quick = bool(pytestconfig.getoption("--quick"))
    return lambda member: run(benchmark, case, member, pass_number=pass_number, quick=quick)
