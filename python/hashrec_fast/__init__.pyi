# SPDX-License-Identifier: Apache-2.0
from hashrec_fast import (
    binarizers,
    data,
    evaluation,
    kernels,
    losses,
    methods,
    quantizers,
    retrieval,
    solvers,
    testing,
    towers,
    training,
    types,
)
from hashrec_fast._utils import DataError, NotFittedError
from hashrec_fast.estimator import FloatRecommender, HashRecommender, Recommender, load
from hashrec_fast.evaluation.evaluate import evaluate
from hashrec_fast.kernels.hamming import hamming, hamming_matrix
from hashrec_fast.kernels.packing import from_bytes, pack, to_bytes, unpack
from hashrec_fast.kernels.simd import available_simd_levels, set_simd_level, simd_level
from hashrec_fast.losses import Loss
from hashrec_fast.methods import available_methods, create, describe, parameters, register
from hashrec_fast.recipe import Recipe
from hashrec_fast.retrieval import HashTable, LinearScan, MultiIndex, load_index, rerank
from hashrec_fast.towers import Tower
from hashrec_fast.training import Strategy

__version__: str

__all__ = [
    "DataError",
    "FloatRecommender",
    "HashRecommender",
    "HashTable",
    "LinearScan",
    "Loss",
    "MultiIndex",
    "NotFittedError",
    "Recipe",
    "Recommender",
    "Strategy",
    "Tower",
    "__version__",
    "available_methods",
    "available_simd_levels",
    "binarizers",
    "create",
    "data",
    "describe",
    "evaluate",
    "evaluation",
    "from_bytes",
    "hamming",
    "hamming_matrix",
    "kernels",
    "load",
    "load_index",
    "losses",
    "methods",
    "pack",
    "parameters",
    "quantizers",
    "register",
    "rerank",
    "retrieval",
    "set_simd_level",
    "simd_level",
    "solvers",
    "testing",
    "to_bytes",
    "towers",
    "training",
    "types",
    "unpack",
]
