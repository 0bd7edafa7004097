# SPDX-License-Identifier: Apache-2.0
"""DJSRH-ST: joint similarity of users and items rebuilt; real values of a tanh, no codes.

Float factors: relaxed codes, the values of a tanh at the end of training, ranked by inner
product. The paper calls that Hamming distance; they are no codes.
"""

from dataclasses import replace

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.methods.djsrh import RECIPE as DJSRH
from hashrec_fast.training import FloatFactors

RECIPE = replace(
    DJSRH,
    name="DJSRH-ST",
    strategy=FloatFactors(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=DJSRH.strategy.solver,
    ),
    fidelity="simplified: relaxed values, no codes; pairs are users with items; our batches",
)
