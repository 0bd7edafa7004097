# SPDX-License-Identifier: Apache-2.0
"""CCSR-SST: cross-modal codes by two autoencoders; signs of an annealed tanh.

Pointwise, two-stage with a forward approximation: tanh steepens from epoch to epoch.

Deviations: only rated pairs are learned from, since with zeros for all others, as printed, codes
rank a user's rated items about as popularity does; balance is a mean, so its weight is that much
smaller.
"""

from dataclasses import replace

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.methods.ccsr import RECIPE as CCSR
from hashrec_fast.training import ForwardApproximation

RECIPE = replace(
    CCSR,
    name="CCSR-SST",
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=CCSR.strategy.solver,
    ),
)
