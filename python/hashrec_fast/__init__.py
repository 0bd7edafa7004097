# SPDX-License-Identifier: Apache-2.0
"""Learning to hash for recommendation: binary codes, exact Hamming retrieval, compiled solvers.

Everything below is loaded on first use; importing the package loads the compiled core and numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

try:
    from hashrec_fast import _core
except ImportError as error:  # pragma: no cover - a broken installation
    raise ImportError(
        f"the compiled core of hashrec_fast could not be loaded ({error}); "
        "reinstall the package, and if HASHREC_SIMD is set, see that this CPU can run it"
    ) from error

if TYPE_CHECKING:
    from hashrec_fast import data as data
    from hashrec_fast.estimator import FloatRecommender as FloatRecommender
    from hashrec_fast.estimator import HashRecommender as HashRecommender
    from hashrec_fast.estimator import load as load
    from hashrec_fast.evaluation.evaluate import evaluate as evaluate
    from hashrec_fast.kernels.hamming import hamming as hamming
    from hashrec_fast.kernels.hamming import hamming_matrix as hamming_matrix
    from hashrec_fast.kernels.packing import from_bytes as from_bytes
    from hashrec_fast.kernels.packing import pack as pack
    from hashrec_fast.kernels.packing import to_bytes as to_bytes
    from hashrec_fast.kernels.packing import unpack as unpack
    from hashrec_fast.kernels.simd import available_simd_levels as available_simd_levels
    from hashrec_fast.kernels.simd import set_simd_level as set_simd_level
    from hashrec_fast.kernels.simd import simd_level as simd_level
    from hashrec_fast.methods import available_methods as available_methods
    from hashrec_fast.methods import create as create
    from hashrec_fast.methods import describe as describe
    from hashrec_fast.retrieval import HashTable as HashTable
    from hashrec_fast.retrieval import LinearScan as LinearScan
    from hashrec_fast.retrieval import MultiIndex as MultiIndex
    from hashrec_fast.retrieval import load_index as load_index
    from hashrec_fast.retrieval import rerank as rerank

__version__: str = _core.__version__

_HOMES = {
    "kernels.packing": ("pack", "unpack", "from_bytes", "to_bytes"),
    "kernels.hamming": ("hamming", "hamming_matrix"),
    "kernels.simd": ("simd_level", "available_simd_levels", "set_simd_level"),
    "retrieval": ("LinearScan", "HashTable", "MultiIndex", "load_index", "rerank"),
    "methods": ("available_methods", "create", "describe"),
    "estimator": ("HashRecommender", "FloatRecommender", "load"),
    "evaluation": ("evaluate",),
    "_utils": ("NotFittedError", "DataError"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_ROOMS = ("data", "evaluation", "retrieval", "methods", "testing", "plotting")

__all__ = ["__version__", "data", *sorted(_HOME_OF)]  # noqa: PLE0604 - names are strings


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(importlib.import_module(f"hashrec_fast.{_HOME_OF[name]}"), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"hashrec_fast.{name}")
    else:
        raise AttributeError(f"module 'hashrec_fast' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
