# SPDX-License-Identifier: Apache-2.0
"""Binarisers: what stands in for the sign function while towers are trained by gradients."""

from hashrec_fast.binarizers.backward import Fourier, Gauss, SignSwish, Straight, TanhAlike
from hashrec_fast.binarizers.base import Binarizer, Step
from hashrec_fast.binarizers.forward import Erf, GumbelSign, Identity, Tanh
from hashrec_fast.binarizers.schedule import EpochSchedule
from hashrec_fast.binarizers.stochastic import BernoulliStraight, DoublySemantic, Guided

__all__ = [
    "BernoulliStraight",
    "Binarizer",
    "DoublySemantic",
    "EpochSchedule",
    "Erf",
    "Fourier",
    "Gauss",
    "Guided",
    "GumbelSign",
    "Identity",
    "SignSwish",
    "Step",
    "Straight",
    "Tanh",
    "TanhAlike",
]
