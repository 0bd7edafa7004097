# SPDX-License-Identifier: Apache-2.0
"""One number of threads for everybody, a machine header, ratios within each group at the end."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import hashrec_fast as hf

_TIMINGS: dict[str, dict[str, float]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--threads", type=int, default=1, help="threads of every library (1)")


def _cpu_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def machine_header(threads: int) -> str:
    return (
        f"{_cpu_name()}, {os.cpu_count()} cores; SIMD {', '.join(hf.available_simd_levels())}; "
        f"{threads} thread(s); hashrec_fast {hf.__version__}, numpy {np.__version__}, "
        f"Python {platform.python_version()}; warm caches, best of several rounds"
    )


def pytest_report_header(config: pytest.Config) -> str:
    return machine_header(config.getoption("--threads"))


@pytest.fixture(scope="session")
def threads(pytestconfig: pytest.Config) -> Iterator[int]:
    """The number of threads, after BLAS, OpenMP pools and torch were limited to it."""
    count = int(pytestconfig.getoption("--threads"))
    try:
        import torch

        torch.set_num_threads(count)
    except ImportError:
        pass
    with threadpool_limits(limits=count):
        yield count


@pytest.fixture(scope="session")
def timings() -> dict[str, dict[str, float]]:
    """Best seconds by group and member; printed as ratios when all is done."""
    return _TIMINGS


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not _TIMINGS:
        return
    terminalreporter.section("time / time of the best Hamming scan")
    terminalreporter.write_line(machine_header(config.getoption("--threads")))
    for group, members in _TIMINGS.items():
        own = [seconds for name, seconds in members.items() if name.startswith("LinearScan")]
        best = min(own, default=min(members.values()))
        terminalreporter.write_line(group)
        for name, seconds in sorted(members.items(), key=lambda member: member[1]):
            terminalreporter.write_line(
                f"  {name:<24} {1e3 * seconds:10.3f} ms {seconds / best:8.2f} x"
            )
