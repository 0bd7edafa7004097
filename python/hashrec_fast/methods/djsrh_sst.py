# SPDX-License-Identifier: Apache-2.0
"""DJSRH-SST: joint similarity of users and items rebuilt; signs of an annealed tanh.

Structural, two-stage with a forward approximation: tanh steepens from epoch to epoch.
"""

from dataclasses import replace

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.methods.djsrh import RECIPE as DJSRH
from hashrec_fast.training import ForwardApproximation

RECIPE = replace(
    DJSRH,
    name="DJSRH-SST",
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=DJSRH.strategy.solver,
    ),
)
