# SPDX-License-Identifier: Apache-2.0
"""Objectives and constraints as small frozen parts; a part is its own configuration."""

from hashrec_fast.losses.all_pairs import RestSquare, ScoreNorm
from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.constraints import BalanceDecorrelation, TwoDelegates
from hashrec_fast.losses.factorization import FMSquare
from hashrec_fast.losses.features import FeatureRidge, FeatureStiefel
from hashrec_fast.losses.logistic import Logistic
from hashrec_fast.losses.mse import MSE
from hashrec_fast.losses.pairwise_entropy import PairwiseEntropy
from hashrec_fast.losses.pairwise_squared import PairwiseSquare
from hashrec_fast.losses.plackett_luce import PlackettLuce
from hashrec_fast.losses.social import SocialCodes
from hashrec_fast.losses.whole_data import SoftPositives, SquaredHinge, WholeDataSquare

__all__ = [
    "MSE",
    "BalanceDecorrelation",
    "FMSquare",
    "FeatureRidge",
    "FeatureStiefel",
    "Logistic",
    "Loss",
    "PairwiseEntropy",
    "PairwiseSquare",
    "PlackettLuce",
    "RestSquare",
    "ScoreNorm",
    "SocialCodes",
    "SoftPositives",
    "SquaredHinge",
    "TwoDelegates",
    "WholeDataSquare",
]
