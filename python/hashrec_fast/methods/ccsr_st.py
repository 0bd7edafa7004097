# SPDX-License-Identifier: Apache-2.0
"""CCSR-ST: cross-modal codes by two autoencoders; real values of a tanh, no codes.

Float factors: relaxed codes, the values of a tanh at the end of training, ranked by inner
product. The paper calls that Hamming distance; they are no codes.
"""

from dataclasses import replace

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.losses import BCE, Reconstruct
from hashrec_fast.methods.ccsr import RECIPE as CCSR
from hashrec_fast.training import FloatFactors

RECIPE = replace(
    CCSR,
    name="CCSR-ST",
    objective=(BCE(sharpness=0.08), Reconstruct(weight=0.1)),
    strategy=FloatFactors(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=CCSR.strategy.solver,
    ),
    fidelity="simplified: relaxed values, no codes; rated pairs only, means for sums; our settings",
)
