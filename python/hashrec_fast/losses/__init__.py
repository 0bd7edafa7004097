# SPDX-License-Identifier: Apache-2.0
"""Objectives and constraints as small frozen parts; a part is its own configuration."""

from hashrec_fast.losses.adversarial import AdversarialRanking
from hashrec_fast.losses.all_pairs import RestSquare, ScoreNorm
from hashrec_fast.losses.anchors import ExactBalance, RealAnchors
from hashrec_fast.losses.attention import AttentiveFriends
from hashrec_fast.losses.base import Loss
from hashrec_fast.losses.batch_term import BatchTerm
from hashrec_fast.losses.bce import BCE
from hashrec_fast.losses.behaviours import BehaviourSquare, OutfitSquare
from hashrec_fast.losses.bounded_bce import BoundedBCE
from hashrec_fast.losses.bpr import BPR
from hashrec_fast.losses.compositional import CompositionalSquare
from hashrec_fast.losses.consistency import Consistency
from hashrec_fast.losses.constraints import BalanceDecorrelation, TwoDelegates
from hashrec_fast.losses.content_network import ContentNetwork
from hashrec_fast.losses.factorization import FMScore, FMSquare
from hashrec_fast.losses.features import FeatureRidge, FeatureStiefel
from hashrec_fast.losses.info_nce import InfoNCE
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
from hashrec_fast.losses.ranking_distillation import RankingDistillation
from hashrec_fast.losses.rating_square import NoisyRatingSquare
from hashrec_fast.losses.reconstruct import Reconstruct
from hashrec_fast.losses.reconstruction import LinearReconstruction, WordReconstruction
from hashrec_fast.losses.regularisers import (
    L2,
    Balance,
    BernoulliKL,
    BitCertainty,
    Decorrelation,
    NormTarget,
    QuantizationGap,
)
from hashrec_fast.losses.similarity_reconstruction import SimilarityReconstruction
from hashrec_fast.losses.smooth_recall import SmoothRecall
from hashrec_fast.losses.social import SocialCodes
from hashrec_fast.losses.stochastic_penalty import StochasticPenalty
from hashrec_fast.losses.structural import CodeSimilarity, VisualSemantic
from hashrec_fast.losses.trace_agreement import TraceAgreement
from hashrec_fast.losses.weighted import Weighted
from hashrec_fast.losses.whole_data import (
    ConfidenceSquare,
    SoftPositives,
    SquaredHinge,
    WholeDataSquare,
)

__all__ = [
    "BCE",
    "BPR",
    "L2",
    "MSE",
    "AdversarialRanking",
    "AttentiveFriends",
    "Balance",
    "BalanceDecorrelation",
    "BatchTerm",
    "BehaviourSquare",
    "BernoulliKL",
    "BitCertainty",
    "BoundedBCE",
    "CodeSimilarity",
    "CompositionalSquare",
    "ConfidenceSquare",
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
    "InfoNCE",
    "LatentKL",
    "LinearReconstruction",
    "Logistic",
    "Loss",
    "MultiView",
    "NetworkEmbedding",
    "NeuralAP",
    "NeuralNDCG",
    "NoisyRatingSquare",
    "NormTarget",
    "OutfitSquare",
    "PairwiseEntropy",
    "PairwiseSquare",
    "PlackettLuce",
    "Poisson",
    "QuantizationGap",
    "RankingDistillation",
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
    "StochasticPenalty",
    "TraceAgreement",
    "TwoDelegates",
    "VisualSemantic",
    "Weighted",
    "WholeDataSquare",
    "WordReconstruction",
    "all_pairs_square",
]
