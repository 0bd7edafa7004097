# SPDX-License-Identifier: Apache-2.0
"""Objectives and constraints as small frozen parts; a part is its own configuration."""

from hashrec_fast.losses.all_pairs import RestSquare, ScoreNorm
from hashrec_fast.losses.anchors import ExactBalance, RealAnchors
from hashrec_fast.losses.attention import AttentiveFriends
from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.bce import BCE
from hashrec_fast.losses.behaviours import BehaviourSquare, OutfitSquare
from hashrec_fast.losses.bpr import BPR
from hashrec_fast.losses.compositional import CompositionalSquare
from hashrec_fast.losses.consistency import Consistency
from hashrec_fast.losses.constraints import BalanceDecorrelation, TwoDelegates
from hashrec_fast.losses.content_network import ContentNetwork
from hashrec_fast.losses.factorization import FMScore, FMSquare
from hashrec_fast.losses.features import FeatureRidge, FeatureStiefel
from hashrec_fast.losses.latent import FlowKL, LatentKL
from hashrec_fast.losses.logistic import Logistic
from hashrec_fast.losses.mse import MSE
from hashrec_fast.losses.multi_view import MultiView, RotatedFactors
from hashrec_fast.losses.network import NetworkEmbedding
from hashrec_fast.losses.neural_ranking import NeuralAP, NeuralNDCG
from hashrec_fast.losses.pairwise_entropy import PairwiseEntropy
from hashrec_fast.losses.pairwise_hinge import CosineContrast, Hinge
from hashrec_fast.losses.pairwise_squared import PairwiseSquare, all_pairs_square
from hashrec_fast.losses.plackett_luce import PlackettLuce
from hashrec_fast.losses.poisson import Poisson
from hashrec_fast.losses.reconstruct import Reconstruct
from hashrec_fast.losses.regularisers import (
    L2,
    Balance,
    BernoulliKL,
    Decorrelation,
    NormTarget,
    QuantizationGap,
)
from hashrec_fast.losses.similarity_reconstruction import SimilarityReconstruction
from hashrec_fast.losses.smooth_recall import SmoothRecall
from hashrec_fast.losses.social import SocialCodes
from hashrec_fast.losses.trace_agreement import TraceAgreement
from hashrec_fast.losses.weighted import Weighted
from hashrec_fast.losses.whole_data import SoftPositives, SquaredHinge, WholeDataSquare

__all__ = [
    "BCE",
    "BPR",
    "L2",
    "MSE",
    "AttentiveFriends",
    "Balance",
    "BalanceDecorrelation",
    "BehaviourSquare",
    "BernoulliKL",
    "CompositionalSquare",
    "Consistency",
    "ContentNetwork",
    "CosineContrast",
    "Decorrelation",
    "ExactBalance",
    "FMScore",
    "FMSquare",
    "FeatureRidge",
    "FeatureStiefel",
    "FlowKL",
    "Hinge",
    "LatentKL",
    "Logistic",
    "Loss",
    "MultiView",
    "NetworkEmbedding",
    "NeuralAP",
    "NeuralNDCG",
    "NormTarget",
    "OutfitSquare",
    "PairwiseEntropy",
    "PairwiseSquare",
    "PlackettLuce",
    "Poisson",
    "QuantizationGap",
    "RealAnchors",
    "Reconstruct",
    "RestSquare",
    "RotatedFactors",
    "ScoreNorm",
    "SimilarityReconstruction",
    "SmoothRecall",
    "SocialCodes",
    "SoftPositives",
    "SquaredHinge",
    "TraceAgreement",
    "TwoDelegates",
    "Weighted",
    "WholeDataSquare",
    "all_pairs_square",
]
