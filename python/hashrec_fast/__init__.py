# SPDX-License-Identifier: Apache-2.0
"""Learning to hash for recommendation: binary codes, exact Hamming retrieval, compiled solvers.

Everything below is loaded on first use; importing the package loads the compiled core alone. What
is added here is added to ``__init__.pyi`` as well, which type checkers read in place of this file.
"""

try:
    from hashrec_fast import _core
except ImportError as error:  # pragma: no cover - a broken installation
    raise ImportError(
        f"the compiled core of hashrec_fast could not be loaded ({error}); "
        "reinstall the package, and if HASHREC_SIMD is set, see that this CPU can run it"
    ) from error

from hashrec_fast import _lazy

__version__: str = _core.__version__

_HOMES = {
    "_utils": ("DataError", "NotFittedError"),
    "estimator": ("FloatRecommender", "HashRecommender", "Recommender", "load"),
    "evaluation": ("evaluate",),
    "kernels.hamming": ("hamming", "hamming_matrix"),
    "kernels.packing": ("from_bytes", "pack", "to_bytes", "unpack"),
    "kernels.simd": ("available_simd_levels", "set_simd_level", "simd_level"),
    "losses": ("Loss",),
    "methods": ("available_methods", "create", "describe", "parameters", "register"),
    "recipe": ("Recipe",),
    "retrieval": ("HashTable", "LinearScan", "MultiIndex", "load_index", "rerank"),
    "towers": ("Tower",),
    "training": ("Strategy",),
}
_ROOMS = (
    "binarizers",
    "data",
    "evaluation",
    "kernels",
    "losses",
    "methods",
    "quantizers",
    "retrieval",
    "solvers",
    "testing",
    "towers",
    "training",
    "types",
)

__getattr__, __dir__, __all__ = _lazy.attach(__name__, _HOMES, _ROOMS, ("__version__",))
