# SPDX-License-Identifier: Apache-2.0
"""Data terms of one-stage methods: which sum over interactions the codes minimise."""

from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.pair_sum import PairRequest, PairSum, Rest
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.data_terms.weighted_pairs import WeightedPairs

__all__ = ["ObservedSquares", "PairRequest", "PairSum", "RatingScale", "Rest", "WeightedPairs"]
