# SPDX-License-Identifier: Apache-2.0
"""Strategies: how a recipe's objective is turned into codes or factors."""

from hashrec_fast.training.backward import BackwardApproximation
from hashrec_fast.training.forward import ForwardApproximation
from hashrec_fast.training.gnccp_path import GnccpPath
from hashrec_fast.training.gradient import Gradient
from hashrec_fast.training.proximal import GNCCP
from hashrec_fast.training.reranker import FloatReranker
from hashrec_fast.training.samplers import Blocks, Catalogue, Observed, Pairs, Sampler, UserLists
from hashrec_fast.training.strategies import FloatFactors, OneStage, Proximal, Strategy
from hashrec_fast.training.teacher import GraphTeacher

__all__ = [
    "GNCCP",
    "BackwardApproximation",
    "Blocks",
    "Catalogue",
    "FloatFactors",
    "FloatReranker",
    "ForwardApproximation",
    "GnccpPath",
    "Gradient",
    "GraphTeacher",
    "Observed",
    "OneStage",
    "Pairs",
    "Proximal",
    "Sampler",
    "Strategy",
    "UserLists",
]
