# SPDX-License-Identifier: Apache-2.0
"""Objectives and constraints as small frozen parts; a part is its own configuration."""

from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.bce import BCE
from hashrec_fast.losses.bpr import BPR
from hashrec_fast.losses.constraints import BalanceDecorrelation
from hashrec_fast.losses.mse import MSE
from hashrec_fast.losses.neural_ranking import NeuralAP, NeuralNDCG
from hashrec_fast.losses.plackett_luce import PlackettLuce
from hashrec_fast.losses.whole_data import SoftPositives, SquaredHinge, WholeDataSquare

__all__ = [
    "BCE",
    "BPR",
    "MSE",
    "BalanceDecorrelation",
    "Loss",
    "NeuralAP",
    "NeuralNDCG",
    "PlackettLuce",
    "SoftPositives",
    "SquaredHinge",
    "WholeDataSquare",
]
