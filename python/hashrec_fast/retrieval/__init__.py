# SPDX-License-Identifier: Apache-2.0
"""Indexes over packed codes, and the float baseline; loaded on first use.

Names are added to ``__init__.pyi`` as well.
"""

from hashrec_fast import _lazy

_HOMES = {
    "float_scan": ("FloatScan",),
    "hash_table": ("HashTable",),
    "linear_scan": ("LinearScan",),
    "loading": ("load_index",),
    "multi_index": ("MultiIndex",),
    "registry": ("create_index",),
    "reranking": ("rerank",),
}

__getattr__, __dir__, __all__ = _lazy.attach(__name__, _HOMES)
