# SPDX-License-Identifier: Apache-2.0
"""Interaction data: read it, split it, load public sets, generate planted sets.

The names below are loaded on first use, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hashrec_fast.data.datasets import available as available
    from hashrec_fast.data.datasets import load as load
    from hashrec_fast.data.filters import drop_unseen as drop_unseen
    from hashrec_fast.data.filters import frequent as frequent
    from hashrec_fast.data.filters import subset as subset
    from hashrec_fast.data.interactions import Dataset as Dataset
    from hashrec_fast.data.readers import read as read
    from hashrec_fast.data.readers.npz import save as save
    from hashrec_fast.data.side_info import KnowledgeGraph as KnowledgeGraph
    from hashrec_fast.data.splits import split as split
    from hashrec_fast.data.synthetic import generate as generate

_HOMES = {
    "Dataset": "interactions",
    "KnowledgeGraph": "side_info",
    "available": "datasets",
    "drop_unseen": "filters",
    "frequent": "filters",
    "generate": "synthetic",
    "load": "datasets",
    "read": "readers",
    "save": "readers.npz",
    "split": "splits",
    "subset": "filters",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
