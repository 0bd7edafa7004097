# SPDX-License-Identifier: Apache-2.0
"""Strategies: how a recipe's objective is turned into codes or factors."""

from hashrec_fast.training.gnccp_path import GnccpPath
from hashrec_fast.training.proximal import GNCCP
from hashrec_fast.training.strategies import (
    FloatFactors,
    ForwardApproximation,
    OneStage,
    Proximal,
    Strategy,
)

__all__ = [
    "GNCCP",
    "FloatFactors",
    "ForwardApproximation",
    "GnccpPath",
    "OneStage",
    "Proximal",
    "Strategy",
]
