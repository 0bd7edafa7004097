# SPDX-License-Identifier: Apache-2.0
"""Strategies: how a recipe's objective is turned into codes or factors."""

from hashrec_fast.training.strategies import FloatFactors, OneStage, Strategy

__all__ = ["FloatFactors", "OneStage", "Strategy"]
