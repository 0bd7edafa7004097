# SPDX-License-Identifier: Apache-2.0
"""AECF-SST: ratings by two deep autoencoders; signs of an annealed tanh.

Pointwise, two-stage with a forward approximation: tanh steepens from epoch to epoch.
"""

from dataclasses import replace

from hashrec_fast.binarizers import EpochSchedule, Tanh
from hashrec_fast.methods.aecf import RECIPE as AECF
from hashrec_fast.training import Blocks, ForwardApproximation, Gradient

RECIPE = replace(
    AECF,
    name="AECF-SST",
    tower=replace(AECF.tower, dropout=0.6),
    strategy=ForwardApproximation(
        activation=Tanh(schedule=EpochSchedule(kind="exponential", end=10.0)),
        solver=Gradient(
            sampler=Blocks(users=256, items=256, observed_only=True),
            epochs=60,
            learning_rate=1e-3,
            metric="ndcg@10",
            candidates="test",
        ),
    ),
)
