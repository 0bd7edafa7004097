# SPDX-License-Identifier: Apache-2.0
"""Indexes over packed codes, and the float baseline; loaded on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hashrec_fast.retrieval.float_scan import FloatScan as FloatScan
    from hashrec_fast.retrieval.hash_table import HashTable as HashTable
    from hashrec_fast.retrieval.linear_scan import LinearScan as LinearScan
    from hashrec_fast.retrieval.loading import load_index as load_index
    from hashrec_fast.retrieval.multi_index import MultiIndex as MultiIndex
    from hashrec_fast.retrieval.registry import create_index as create_index
    from hashrec_fast.retrieval.reranking import rerank as rerank

_HOME_OF = {
    "FloatScan": "float_scan",
    "HashTable": "hash_table",
    "LinearScan": "linear_scan",
    "MultiIndex": "multi_index",
    "create_index": "registry",
    "load_index": "loading",
    "rerank": "reranking",
}

__all__ = [
    "FloatScan",
    "HashTable",
    "LinearScan",
    "MultiIndex",
    "create_index",
    "load_index",
    "rerank",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
