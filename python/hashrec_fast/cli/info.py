# SPDX-License-Identifier: Apache-2.0
"""Command ``hashrec info``."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from typing import Any

import click

from hashrec_fast import __version__
from hashrec_fast.cli.common import json_option, show
from hashrec_fast.kernels.parallel import max_threads
from hashrec_fast.kernels.simd import available_simd_levels, simd_level

PACKAGES = ("numpy", "scipy", "torch", "safetensors", "click", "tqdm", "pyarrow", "matplotlib")


def facts() -> dict[str, Any]:
    """Versions, CPU and what the compiled core found."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "hashrec_fast": __version__,
        "python": platform.python_version(),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "threads": max_threads(),
        "simd_level": simd_level(),
        "simd_levels": available_simd_levels(),
        "data_folder": os.environ.get("HASHREC_DATA", "not set"),
        "packages": versions,
    }


def cpu_name() -> str:
    """Model name of the processor, as far as the system tells."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - not a real file
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@click.command()
@json_option
def info(as_json: bool) -> None:
    """Show versions, CPU level and threads."""
    found = facts()
    lines = []
    for name, value in found.items():
        if name == "packages":
            lines += [f"{package:<14}{version}" for package, version in value.items()]
        else:
            text = ", ".join(value) if isinstance(value, list) else value
            lines.append(f"{name:<14}{text}")
    show(found, as_json, "\n".join(lines))
