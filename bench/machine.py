# SPDX-License-Identifier: Apache-2.0
"""What a figure depends on: processor, SIMD level, threads, versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from typing import Any

import hashrec_fast as hf
from hashrec_fast.cli.info import cpu_name

PACKAGES = ("numpy", "torch", "faiss-cpu", "usearch")
BEST_LEVEL = hf.simd_level()  # the one that is used unless a test asks for another


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def faiss_level() -> str:
    """The SIMD level that faiss chose, where it says so."""
    try:
        import faiss

        return f" ({faiss.SIMDConfig.get_level_name()})"
    except (ImportError, AttributeError):
        return ""


def facts(threads: int, quick: bool, passes: int) -> dict[str, Any]:
    """Facts of this machine and run, as they go into the JSON file."""
    versions = {"hashrec_fast": hf.__version__, "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    versions["faiss-cpu"] += faiss_level()
    return {
        "cpu": cpu_name(),
        "cores": usable_cores(),
        "level": BEST_LEVEL,
        "levels": list(hf.available_simd_levels()),
        "threads": threads,
        "quick": quick,
        "passes": passes,
        "versions": versions,
    }


def in_words(machine: dict[str, Any]) -> str:
    """One line of the facts."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores; SIMD level {machine['level']} of "
        f"{', '.join(machine['levels'])}; {machine['threads']} thread(s); {versions}"
    )
