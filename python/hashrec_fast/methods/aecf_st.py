# SPDX-License-Identifier: Apache-2.0
"""AECF-ST: ratings by two deep autoencoders; real values of a tanh, no codes.

Float factors: relaxed codes, the values of a tanh at the end of training, ranked by inner
product. The paper calls that Hamming distance; they are no codes.
"""

from dataclasses import replace

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.methods.aecf_sst import RECIPE as AECF_SST
from hashrec_fast.training import FloatFactors

RECIPE = replace(
    AECF_SST,
    name="AECF-ST",
    strategy=FloatFactors(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=AECF_SST.strategy.solver,
    ),
    fidelity="simplified: relaxed values, no codes; ratings on [-1, 1]; training settings are ours",
)
