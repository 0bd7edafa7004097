# SPDX-License-Identifier: Apache-2.0
"""torch's device and thread count for the length of a fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def torch_threads(num_threads: int) -> Iterator[None]:
    """Set torch's thread count (0 leaves it) and give the old one back at the end."""
    before = torch.get_num_threads()
    if num_threads > 0:
        torch.set_num_threads(num_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def torch_device(name: str) -> torch.device:
    """The device of that name, or a ``ValueError`` that says what is there."""
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f"device must be 'cpu' or 'cuda', got {name!r}") from None
    if device.type == "cpu":
        return device
    if device.type != "cuda":
        raise ValueError(f"device must be 'cpu' or 'cuda', got {name!r}")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if (device.index or 0) >= count:
        raise ValueError(f"device {name!r} was asked for, but torch sees {count} CUDA devices")
    return device


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Forbid sums whose order threads decide, such as the gradient of an indexing, on the CPU.

    A CUDA device is left as it is: there it would take settings of the process.
    """
    before = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    if device.type == "cpu":
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn_only)
        torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[torch.Generator]:
    """Seed torch's global generators and give their old states back at the end.

    Yields a generator of the device's own for draws that belong to a step.
    """
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield (
            torch.cuda.default_generators[device.index or 0] if devices else torch.default_generator
        )
